"""One run that is on its way: begun, worked through, written down as it goes, and ended."""
