"""What travels: typed messages, their msgpack codec and every limit."""
