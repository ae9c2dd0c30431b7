"""Attached files on pages."""
