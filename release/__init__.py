"""Versions and releases of QDash."""
