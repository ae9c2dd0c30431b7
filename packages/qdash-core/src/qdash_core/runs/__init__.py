"""Runs: asked for, queued, performed, followed, cancelled."""
