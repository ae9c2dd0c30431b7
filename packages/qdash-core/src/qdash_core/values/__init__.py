"""Values of chips, and every change that runs and users make to them."""
