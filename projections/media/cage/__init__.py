"""The cage: what a process that decodes strangers' files gives up, and whether it holds."""
