"""Bursts of drops."""

DROPS = 50
