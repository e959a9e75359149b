"""The two installers for Linux: a Debian package, and a file that installs for one user without root."""
