"""News of releases: signed by their publisher, passed on by peers, shown to people, never downloaded or run."""
