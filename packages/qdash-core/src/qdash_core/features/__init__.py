"""Declarations by which features and plugins are found, and their discovery."""
