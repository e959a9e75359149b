"""One presenter for each page that asks the engine for more than the snapshot."""
