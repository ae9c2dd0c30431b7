"""Files below configured roots, and files of executions: browsed, previewed, edited, with history."""
