"""Choosing, on the command line: which takes are meant, what a person thinks of them, and how that is taken back."""
