"""The home of a film: what makes a folder a project, where its log lies, who holds it, and how it moves or is made anew."""
