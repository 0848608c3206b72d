"""The API: what can be asked and told over HTTP, and how it is shown as JSON.

It asks the rooms of the film and changes nothing past them.
"""
