"""Builds Hivelet's installers; never part of what they install."""
