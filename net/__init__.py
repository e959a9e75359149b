"""Hivelet's peer-to-peer layer: identity, ZeroMQ transport, RPC and DHT. No torch, no Qt."""
