"""Runs: requested, submitted, queued, performed, followed, cancelled, recovered."""
