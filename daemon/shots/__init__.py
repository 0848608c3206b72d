"""The shots of a project: what the log says of them, which files are theirs, and how a folder is known to be one of them."""
