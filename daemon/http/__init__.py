"""The door: where requests come in. The Unix socket, the page's port, its token and who is let in."""
