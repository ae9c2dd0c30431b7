"""The MongoDB store of QDash, on Beanie."""
