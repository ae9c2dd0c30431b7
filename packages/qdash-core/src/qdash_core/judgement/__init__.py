"""Definitions of metrics, conditions on targets, and the contract of the judge."""
