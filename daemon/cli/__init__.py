"""The command line: a thin client of the API, and the start of the daemon."""
