"""Pages of timetables."""
