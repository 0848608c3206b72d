"""The film as a whole, on the command line: found in it, handed over, kept well and safe."""
