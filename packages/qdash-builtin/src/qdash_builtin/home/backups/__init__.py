"""Backups of a store and its raw data: creation, verification and restoration."""
