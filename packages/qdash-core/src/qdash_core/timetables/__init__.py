"""Runs that begin by themselves: when, what becomes of each moment, and how people change that."""
