"""Who holds a chip, and whether the holder lives."""
