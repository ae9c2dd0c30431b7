"""Operations of the core, performed at an HTTP host; names are resolved when they are first used."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
