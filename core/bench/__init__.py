"""Measurements behind `hivelet bench`; each module's `run` returns the object that is printed."""
