"""Git's own folder: what a repository says there, by dulwich, which gets bytes or open files and never a path; its index, and
its locks.
"""
