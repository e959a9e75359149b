"""Detectors of what the volunteer does and how the computer fares, one small interface for every system."""
