"""Whether all is well with a home, its store and its raw data, and what to do about what is not."""
