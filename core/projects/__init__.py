"""Projects: signed manifests and the list of those this computer has joined."""
