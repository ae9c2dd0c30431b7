"""Command line: the root command, commands of operations, and parts of commands for features and plugins."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
