"""A rack with sequences of its own, as a laboratory of QDash."""
