"""Log of the temperatures of fridges."""
