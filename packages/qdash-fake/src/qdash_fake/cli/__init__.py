"""Commands `twin` and `demo`."""
