"""How frames travel: one interface, a ZeroMQ implementation and an in-memory twin."""
