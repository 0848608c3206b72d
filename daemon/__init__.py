"""The daemon: where the world gets in and out."""
