"""Tools of assistants: a closed list of readers with the rights of one user, and drafts of proposals."""
