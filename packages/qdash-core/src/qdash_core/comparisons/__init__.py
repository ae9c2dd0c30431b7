"""Comparisons of a chip between two points in time, or of two chips: changed values, statuses and directions, and shared causes."""
