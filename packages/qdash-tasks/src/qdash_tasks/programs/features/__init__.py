"""Named features of measured traces, on which the rules of explanations stand."""
