"""Tools of assistants: operations with the rights of one user, and drafts of proposals."""
