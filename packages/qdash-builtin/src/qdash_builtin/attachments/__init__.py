"""Files that users attach to records: the accepted kinds, their storage, and their names in texts."""
