"""What recorded results are still good for: analysed again, and drawn."""
