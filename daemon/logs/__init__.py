"""Logs: what the daemon says of itself, to a person, to a program or to the journal."""
