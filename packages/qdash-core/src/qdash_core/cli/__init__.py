"""The command line."""

from qdash_core.cli.main import main

__all__ = ["main"]
