"""Light: pictures that hold light rather than a screen's values, OpenEXR and HDR: read, and brought to a screen."""
