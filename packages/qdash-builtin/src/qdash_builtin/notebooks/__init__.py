"""Chips in notebooks: values, histories and results as tables, raw data as arrays, and users' analyses."""
