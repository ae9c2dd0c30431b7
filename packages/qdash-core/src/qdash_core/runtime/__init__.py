"""Settings, plugins, store and services of a home, opened together."""
