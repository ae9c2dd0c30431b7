"""Overview of the laboratory: runs, alerts and the digest of the night."""
