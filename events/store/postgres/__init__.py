"""A log in PostgreSQL, which many machines of a studio share: its tables and the one way into them, and a copy of it on each."""
