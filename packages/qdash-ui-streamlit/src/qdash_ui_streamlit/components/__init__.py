"""Browser components, a folder for each with JavaScript, CSS and the Python function that mounts it."""
