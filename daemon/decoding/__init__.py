"""Decoding: the pool of processes that look into media files, so that a hostile one costs a child at most."""
