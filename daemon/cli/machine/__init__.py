"""The commands about takes on this machine: its films, its daemon, its settings, and what is wrong with them."""
