"""Takes: a drop becomes a numbered take, and what happened to its folder becomes an event.

The scheduler says when to look at a shot, reconciling finds what to do, the intake does it.
"""
