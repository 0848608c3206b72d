"""The store: where a log is kept, in memory or in a file, and what can be read of a file that is damaged."""
