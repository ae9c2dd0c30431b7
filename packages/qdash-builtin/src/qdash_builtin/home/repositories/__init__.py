"""Repositories of home."""
