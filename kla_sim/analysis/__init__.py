"""What replications mean: estimates with their intervals, and the summary of a run.

Pure functions on arrays. No files, no plots, no sentences.
"""
