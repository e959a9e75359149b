"""What the builds of all installers share."""
