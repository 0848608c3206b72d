"""The service: what has the system start the daemon and look after it. Only here is anything of systemd or launchd written."""
