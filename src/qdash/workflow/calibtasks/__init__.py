"""Tasks under the import path of the original: their contract, and those that this installation adds."""
