"""Requests of conversations."""
