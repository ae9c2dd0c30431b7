"""Answers of assistants: citations, safe text, and proposals that a user confirms."""
