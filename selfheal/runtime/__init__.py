"""What every service needs around its loop: settings, a name, a way to be stopped."""
