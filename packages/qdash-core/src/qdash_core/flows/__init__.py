"""Targets, steps, templates, and the service that runs them."""
