"""Recovery: the log is the one that it should be and holds what was written to it, and is made anew where it does not."""
