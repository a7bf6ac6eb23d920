"""Documents: frozen values in, a file's bytes out; no query, no clock."""
