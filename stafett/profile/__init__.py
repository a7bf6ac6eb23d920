"""The kommune's own rules as data, read and checked once at start."""
