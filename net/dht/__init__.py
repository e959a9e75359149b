"""Kademlia with owner-signed records."""
