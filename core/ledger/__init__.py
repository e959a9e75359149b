"""What this computer gave: counted, kept and shown."""
