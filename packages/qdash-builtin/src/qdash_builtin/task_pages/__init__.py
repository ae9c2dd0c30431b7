"""Texts on tasks beside their modules, with the rules by which failures are explained."""
