"""Experts: names, directory, layers, hosting and calling."""
