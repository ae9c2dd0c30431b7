"""Plugins: hook specifications, loader, registry."""
