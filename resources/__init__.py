"""Files that ship with Hivelet: icons and built-in project manifests."""
