"""Who performs executions: the local process, and the contract of every runner."""
