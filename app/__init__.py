"""Hivelet's window and tray: Qt only, talks to the engine over the control socket."""
