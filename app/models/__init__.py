"""Qt item models over the rows of a snapshot."""
