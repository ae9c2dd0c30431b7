"""Digests of the events on a chip since a point in time: runs, changes, failures and advice."""
