"""The MongoDB store of QDash, on Beanie.

From a URL to a question's answer: `address` takes the URL apart, `loop` runs the driver's event loop, `database` opens
and prepares the database, `collections` says how collections lie in it, `documents` how a document does, `filters` how
a question is put, `sessions` reads and writes, `failures` says what went wrong, and `store` is the store.
"""
