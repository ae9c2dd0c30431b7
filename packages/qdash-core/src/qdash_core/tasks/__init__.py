"""The task contract, its context, and the executor that runs one task."""
