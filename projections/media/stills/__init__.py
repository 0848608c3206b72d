"""Pictures: what is inside a still or a small animation, and the thumbnail that every take gets."""
