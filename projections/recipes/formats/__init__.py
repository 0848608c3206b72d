"""Formats: how each generator labels its files, one module for each, all behind one protocol."""
