"""Standard calibration tasks, and the laboratory port that they measure through."""
