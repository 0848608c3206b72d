"""Answers: what goes back over HTTP that is no plain JSON of ours: problems, files, and what a route says of itself."""
