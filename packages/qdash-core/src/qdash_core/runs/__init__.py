"""Runs: request, submission, queue, performance, following, cancellation and recovery."""
