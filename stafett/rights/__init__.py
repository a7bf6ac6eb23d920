"""What a child and its family may demand: a copy of all that is kept (GDPR art. 15)."""
