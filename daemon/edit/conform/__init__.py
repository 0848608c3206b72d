"""Conforming: what an edit has used, read from the file that it is in and matched to the takes of a film."""
