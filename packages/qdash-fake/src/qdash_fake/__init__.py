"""Twins of real quantum processors: the `fake` backend of QDash."""
