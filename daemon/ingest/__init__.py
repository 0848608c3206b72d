"""Ingest: shots' folders are made, and files from elsewhere are brought into their `takes/`; what is there is never replaced."""
