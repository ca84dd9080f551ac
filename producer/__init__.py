"""Synthetic streams with known drift, replay of files, delayed and partial labels."""
