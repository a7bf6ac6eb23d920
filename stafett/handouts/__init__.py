"""Papers about a child that are handed on: to a meeting, with a referral, and an empty form."""
