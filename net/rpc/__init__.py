"""Calls with deadlines over a transport."""
