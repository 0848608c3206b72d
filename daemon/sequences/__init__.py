"""A folder of frames becomes a take: its place and its names, and what is in every frame of it."""
