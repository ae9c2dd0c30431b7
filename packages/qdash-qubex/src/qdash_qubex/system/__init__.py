"""The tasks on the instruments themselves, of the whole chip: linked, configured, asked how they are, their noise measured."""
