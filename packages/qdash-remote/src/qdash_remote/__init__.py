"""Operations of the core, performed at an HTTP host.

Names are resolved when they are first used, so that `qdash --help` does not pay for the client.
"""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
