"""Backups of a store and its raw data: taken, verified, restored."""
