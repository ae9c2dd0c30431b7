"""What is drawn in the browser: a folder a component, its JavaScript and CSS beside the function that mounts it."""
