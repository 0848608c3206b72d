"""Routes: what can be asked and told over HTTP, a module for each part of it."""
