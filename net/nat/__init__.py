"""Being reached: own addresses, port mapping, dial-back, relays, and finding peers in the same home."""
