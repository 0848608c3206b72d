"""ComfyUI as a runner: its workflow is filled in, queued, followed and its output files are brought home."""
