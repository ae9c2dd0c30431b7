"""Users and their access to projects, as every run and request needs them."""
