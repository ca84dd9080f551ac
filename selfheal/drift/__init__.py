"""Drift statistics: the reference, one detector a file, mergeable summaries."""
