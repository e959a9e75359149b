"""What the views show, computed without widgets."""
