"""Projections: what can be made from the event log, thrown away, and made again."""
