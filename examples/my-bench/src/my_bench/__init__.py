"""A bench with one qubit, as a laboratory of QDash."""
