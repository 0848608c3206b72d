"""The API: what a request to it brings along and points to, and what it says of itself.

It asks the rooms of the film and changes nothing past them.
"""
