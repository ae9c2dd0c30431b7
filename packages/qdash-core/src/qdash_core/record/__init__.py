"""What became of executions: begun, resumed, ended, and read."""
