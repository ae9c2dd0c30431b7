"""HTML pages for users, without scripts."""
