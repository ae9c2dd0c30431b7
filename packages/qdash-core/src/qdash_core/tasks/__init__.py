"""The contract of a task: what it declares, what it is given, and the standard declarations."""
