"""What tasks draw: plots, the box of values, data as they were measured."""
