"""Laboratory issues: threads about chips, targets, results, executions and cool-downs."""
