"""Raw data and figures."""
