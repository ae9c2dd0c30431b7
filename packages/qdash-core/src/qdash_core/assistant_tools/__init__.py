"""Tools of assistants: a closed list of readers with the rights of the user who asks."""
