"""Word by mail that something waits: how often one wants it, and the outbox that is sent."""
