"""Configuration folder of the laboratory and its git remote."""
