"""What is stored, as pydantic models, and the values that every room speaks of: ids of targets, estimates, raw data."""
