"""Contract of calibration tasks: declarations, inputs and run parameters."""
