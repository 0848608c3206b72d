"""Programs: all that runs beside the daemon is started by a process that has no file of a film open."""
