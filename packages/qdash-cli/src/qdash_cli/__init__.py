"""Command line: the root command, commands of operations, and what the commands of features and plugins are made of."""

from qdash_cli.main import main
from qdash_core import give_names

__all__ = ["main"]
__getattr__, __dir__ = give_names(__name__)
