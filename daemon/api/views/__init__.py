"""Views: what the rooms of the film answer, and what they are told, as JSON in camelCase."""
