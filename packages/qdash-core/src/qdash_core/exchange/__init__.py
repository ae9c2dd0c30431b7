"""Files brought into the record, and written out of it."""
