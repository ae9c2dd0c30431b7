"""The MongoDB store of QDash, on Beanie.

From a URL to an answer: `address` takes the URL apart, `loop` runs the driver's event loop, `database` opens and prepares
the database, `collections` says how collections lie in it and `documents` how a document does, `filters` puts a question,
`sessions` reads, `turns` begins and ends what `transactions` writes, `memory` spares trips, `failures` says what went
wrong. `read_only_access` reads a database without making it a store, `server` runs one for tests.
"""
