"""Metrics of chips: values in use, recorded values, history and summaries."""
