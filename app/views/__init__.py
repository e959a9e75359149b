"""Widgets: layout and painting, no decisions."""
