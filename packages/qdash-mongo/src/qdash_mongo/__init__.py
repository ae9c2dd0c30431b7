"""The MongoDB store of QDash, and its documents in Beanie for other programs.

`store` has the store, `documents` the Beanie documents, which `document_access` opens, `read_only_access` reads without
making a store, and `server` runs a server for tests.
"""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
