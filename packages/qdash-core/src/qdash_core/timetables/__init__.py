"""Timetables, which start runs automatically."""
