"""Users, projects, and who may do what."""
