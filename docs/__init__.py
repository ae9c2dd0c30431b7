"""Documentation: hand-written pages, generators of the others, and the build of the site, `python -m docs`."""
