"""Protection: a take's bytes stay what they were. An overwritten file comes back, a damaged one is told."""
