"""Pydantic models of stored records, and shared value types."""
