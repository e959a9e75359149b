"""`hivelet demo`: a whole swarm of engine processes on one computer."""
