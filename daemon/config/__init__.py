"""The configuration: the one table of all settings, the file that says them, and what all films go by while it is so."""
