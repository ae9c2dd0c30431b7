"""Tasks on the instruments of the whole chip: link-up, configuration, status, noise."""
