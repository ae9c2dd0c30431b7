"""QDash: calibrate superconducting quantum processors, and keep them calibrated.

This distribution installs the core, the analysis and the simulated chips, and keeps the import paths that flows of the
original system use, with what only they need. Everything else is defined in `qdash_core`.
"""
