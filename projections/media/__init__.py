"""Media: what a file holds and how it looks. Only the decoder's process decodes."""
