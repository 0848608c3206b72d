"""Git: takes in a film's repository, staged as Git LFS would. No program of the repository is run.

The rest of the house asks `projection` (staging and commits), `lfs` (pointers and objects) and `checks`.
"""
