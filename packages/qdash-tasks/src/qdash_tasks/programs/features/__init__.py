"""Features of traces, on which the evidence for causes of failures is based."""
