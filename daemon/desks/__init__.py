"""Desks: what a machine whose user works on a film does for it that others keep, and what those do for its sake.

A desk touches nothing in the film. It sees what its own user puts there, which on a share nobody else hears of, and tells
those who keep the film; what its user asks for is in the log, and is done by them.
"""
