"""Expert state that survives restarts."""
