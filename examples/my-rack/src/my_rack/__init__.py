"""A rack with sequences of its own, as a QDash laboratory."""
