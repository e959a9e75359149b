"""The command line; imports lazily, so that `hivelet status` answers at once."""
