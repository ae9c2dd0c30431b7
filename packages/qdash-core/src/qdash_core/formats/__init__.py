"""Files of a laboratory: how they are read and written, and what they say compared with what a chip has."""
