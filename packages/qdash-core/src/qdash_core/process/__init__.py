"""Process and its machine: clock, signals, files, sockets and time limits."""
