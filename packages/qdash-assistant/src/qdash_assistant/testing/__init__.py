"""Endpoint with scripted answers, for tests and for trying the assistant without a model."""
