"""Requests: takes that somebody has asked for, in a line until a runner has made them."""
