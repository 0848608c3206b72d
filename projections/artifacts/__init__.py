"""Artifacts: the files that are made in the film from the index, and can be made again."""
