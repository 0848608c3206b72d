"""Guests, on the command line: links by which they see a part of a film, and a folder that plays without a daemon."""
