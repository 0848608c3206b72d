"""Recipes: how a take was made, read from the labels and graphs that generators write."""
