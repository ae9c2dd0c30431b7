"""Digests of a chip since a point in time: runs, changes, failures and advice."""
