"""Search: what takes are asked for in words, as conditions of the index."""
