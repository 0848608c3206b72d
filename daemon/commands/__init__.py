"""Commands: what was asked before, so that it is done once, and whose last choice it was, so that it is taken back."""
