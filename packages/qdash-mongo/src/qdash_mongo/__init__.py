"""The MongoDB store of QDash, and its documents in Beanie for other programs.

`address` parses URLs, `loop` runs the driver's event loop, `database` opens and prepares a database, `document_encoding` encodes documents,
`filters` makes conditions from queries, `snapshots` reads, `write_turn` begins and ends a transaction, `transactions` writes,
`document_cache` saves requests, `failures` converts exceptions of the driver. `documents` makes the Beanie documents of the collections, which
`document_access` opens, and `indexes` their indexes. `read_only_access` reads a database without making it a store; `server` runs one
for tests.
"""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
