from qdash_sqlite.store import SQLiteStore as SQLiteStore
