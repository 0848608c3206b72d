"""Answers: what goes back over HTTP that is more than a view: problems, files, how a film is kept, and what a route
says of itself.
"""
