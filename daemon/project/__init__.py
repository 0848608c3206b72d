"""The project: one film that is kept, the parts it is put together from, and all films of this daemon."""
