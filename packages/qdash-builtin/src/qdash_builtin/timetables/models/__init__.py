"""Models of timetables."""
