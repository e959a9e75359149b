"""This computer: its hardware, its use, and how much of it the engine may take."""
