"""Figures of tasks: plots, value boxes and raw traces."""
