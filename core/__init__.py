"""Hivelet's engine: experts, mixture, training, policy, control. No Qt."""
