"""Files: how they are opened, written, shared, hashed and known again, whatever they hold. The ground floor."""
