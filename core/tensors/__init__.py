"""Tensors on the wire: descriptors, checks and the codec."""
