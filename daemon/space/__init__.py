"""Space: what takes up the disk, and which takes a policy may purge.

Purging is the one place where a user's bytes go, and only by a policy or a command that says so.
"""
