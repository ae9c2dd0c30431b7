"""Stores, and the repositories built on them."""
