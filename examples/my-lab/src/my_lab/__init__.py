"""A laboratory's own plugin for QDash."""
