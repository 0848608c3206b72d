"""Supervision: what the daemon is handed by whoever started it, and how that one knows that it lives."""
