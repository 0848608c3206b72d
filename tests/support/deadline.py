"""The deadline: how long a fact is waited for."""

DEADLINE = 60.0
"""Seconds: far more than it takes, on a machine that has other things to do. Only a test that fails waits so long."""
