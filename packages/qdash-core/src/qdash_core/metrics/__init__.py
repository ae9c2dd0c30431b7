"""What state a chip is in."""
