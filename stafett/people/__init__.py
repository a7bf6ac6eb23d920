"""People: accounts, services, log-in, sessions and tokens."""
