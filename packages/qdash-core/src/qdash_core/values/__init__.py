"""Values of chips: every change of them, by runs and by users."""
