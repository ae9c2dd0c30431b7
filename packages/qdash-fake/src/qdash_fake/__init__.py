"""Twins of real quantum processors: the `fake` backend of QDash and its calibration tasks."""
