"""Runners: whoever makes the takes that are asked for.

A runner is given a job and a place for its file; it knows neither the log nor the index.
"""
