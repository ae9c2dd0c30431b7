"""Review of flagged results: those that await a decision, with what a person needs to decide."""
