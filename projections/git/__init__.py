"""Git: takes in a film's repository, staged as Git LFS would. No program of the repository is run."""
