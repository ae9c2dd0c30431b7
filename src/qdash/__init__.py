"""QDash: calibrate superconducting quantum processors, and keep them calibrated.

This distribution installs the core, the analysis and the simulated chips, and keeps the import paths that existing
flows use. Everything is defined in `qdash_core`.
"""
