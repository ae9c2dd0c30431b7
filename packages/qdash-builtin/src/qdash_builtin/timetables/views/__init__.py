"""Views of timetables."""
