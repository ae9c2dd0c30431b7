"""The standard calibration tasks, and the vocabulary in which they speak to a laboratory."""
