"""Features of QDash: chips, values, metrics, results, notes, issues and others, one folder each."""
