"""Review of flagged results: those that await a decision, with the data for it."""
