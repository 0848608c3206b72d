"""Sound: how loud it is, from one moment to the next and as a whole."""
