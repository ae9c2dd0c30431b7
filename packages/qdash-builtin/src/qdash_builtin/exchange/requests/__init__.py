"""Requests of exchange."""
