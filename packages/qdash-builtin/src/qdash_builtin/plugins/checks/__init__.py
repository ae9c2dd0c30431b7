"""Examination of installed plugins, each in a process of its own with a temporary home."""
