"""Entities: records of a project that are declared once, for store, service, routes, commands and dashboard."""
