"""Plugins of qdash builtin."""
