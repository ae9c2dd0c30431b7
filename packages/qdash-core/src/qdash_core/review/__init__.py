"""Review of the flagged results that await a decision."""
