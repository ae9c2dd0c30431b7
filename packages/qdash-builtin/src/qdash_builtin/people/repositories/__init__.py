"""Repositories of people."""
