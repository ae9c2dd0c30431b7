"""The contract of a task: what it declares and what it is given."""
