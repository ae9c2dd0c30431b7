"""Users, projects, roles, and authentication."""
