"""The world of Kota Layak Anak: categories, indicator groups, and the units people write.

Pure functions and constants with their sources. No files, no random numbers, no model.
"""
