"""Store at `my-plugin:////folder/file.db`: SQLite with a warning of slow transactions; replace it by your database."""

import logging
import time
from contextlib import contextmanager

from qdash_core import Store, StoreError, hookimpl
from qdash_sqlite import SQLiteStore

logger = logging.getLogger(__name__)


class MyPluginStore(Store):
    """Store that passes everything to another one."""

    schemes = ("my-plugin",)
    shared = True

    def __init__(self, inner):
        self._inner = inner

    @classmethod
    def open(cls, url):
        """Open the store at a URL."""
        if not url.startswith("my-plugin:///"):
            raise StoreError(f"cannot open {url!r}: write my-plugin:////absolute/path/qdash.db")
        return cls(SQLiteStore.open(f"sqlite{url.removeprefix('my-plugin')}"))

    def read(self):
        """Return a consistent snapshot."""
        return self._inner.read()

    @contextmanager
    def transaction(self, *, durable=True):
        """Yield a transaction, which is committed at the end of the block."""
        begun = time.monotonic()
        with self._inner.transaction(durable=durable) as transaction:
            yield transaction
        if (took := time.monotonic() - begun) > 1.0:
            logger.warning("a transaction took %.1f s", took)
        self.pass_on(transaction)

    def close(self):
        """Close the store."""
        self._inner.close()


@hookimpl
def qdash_repositories():
    return [MyPluginStore]
