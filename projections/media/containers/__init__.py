"""Containers: how files of some formats are built, walked without a decoder, and whether they end as they should."""
