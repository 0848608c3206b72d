"""Watching: what happened in the film's folders, and what lies in them now.

Hints only say where to look; the scan decides.
"""
