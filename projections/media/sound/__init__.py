"""Sound: how loud it is, from one moment to the next and as a whole; and whether all of its frames are there."""
