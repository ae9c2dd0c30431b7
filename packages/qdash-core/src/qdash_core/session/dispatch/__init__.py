"""Dispatch: run each target of a plan as soon as its resources are free."""
