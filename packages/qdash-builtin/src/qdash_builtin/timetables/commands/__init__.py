"""Commands of timetables."""
