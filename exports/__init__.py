"""Documents for Word: frozen values in, a file's bytes out; no query, no clock, no disk."""
