"""Reports on a chip, an execution or a release: one page with values, figures, failures and changes."""
