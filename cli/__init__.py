"""The `selfheal` command: one file a command."""
