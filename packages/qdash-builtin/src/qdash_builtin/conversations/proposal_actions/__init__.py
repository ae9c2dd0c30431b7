"""Actions of proposals: their check against the record, and their performance; a module for each."""
