"""The edit: what a film hands over to an editing program, every take of each shot with the active one chosen."""
