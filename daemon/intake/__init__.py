"""Intake: a take whose number is given gets its file into its folder, and becomes complete or failed.

A file arrives, is looked into and kept, and the log is told; each step can be done again, after a crash too.
"""
