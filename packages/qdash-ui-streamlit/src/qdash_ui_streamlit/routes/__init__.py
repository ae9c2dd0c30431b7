"""Routes of our own on the origin of the dashboard: what the browser asks for itself, with the cookie of who looks."""
