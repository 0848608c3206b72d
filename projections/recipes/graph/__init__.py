"""Graphs: what ComfyUI ran, read backwards from the node that saved a file."""
