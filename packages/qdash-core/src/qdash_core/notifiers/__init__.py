"""Notifications about runs: notices, built-in notifiers and delivery in the background."""
