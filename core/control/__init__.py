"""How windows and scripts steer a running engine: commands, snapshots, server and client."""
