"""Health checks of a home, its store and its raw data, with advice for repairs."""
