"""Files: how they are opened, written, shared and hashed, whatever they hold. The ground floor."""
