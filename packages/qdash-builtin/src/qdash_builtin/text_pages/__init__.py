"""Pages of text: titled sections of lines and tables, and their formats."""
