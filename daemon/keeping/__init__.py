"""The keeping of a film that several machines have: which shards of it are this one's, and how they come and go."""
