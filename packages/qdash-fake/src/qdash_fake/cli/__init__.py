"""The commands `twin` and `demo`."""
