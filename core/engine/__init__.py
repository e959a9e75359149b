"""The engine: a state machine without I/O and the driver that performs what it decides."""
