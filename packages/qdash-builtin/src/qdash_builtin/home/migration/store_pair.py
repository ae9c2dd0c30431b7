"""Opening of the source and the target of a migration by URL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qdash_core.errors import InvalidInputError, LockedError
from qdash_core.parsing.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store


@contextmanager
def open_stores(registry: Registry, from_url: str, to_url: str) -> Iterator[tuple[Store, Store]]:
    """Open source and target unchanged, without the defaults of a home, which could differ from the source's.

    Raises
    ------
    LockedError
        If another process has one of them open, such as a host or a worker of any version.
    InvalidInputError
        If a URL is invalid, both name the same store, the source does not exist, or the target is in memory.
    NotFoundError
        If no plugin opens a URL.
    StoreError
        If a store cannot be opened, or was written by a newer version.
    """
    sources, targets = get_store_class(registry, from_url), get_store_class(registry, to_url)
    if sources is targets and sources.place(from_url) == targets.place(to_url):
        raise InvalidInputError(
            f"{redact_password(from_url)} and {redact_password(to_url)} are the same store"
        )
    if not targets.shared:
        raise InvalidInputError(
            f"{redact_password(to_url)} keeps nothing beyond this command: name another store"
        )
    if not sources.exists(from_url):
        raise InvalidInputError(f"there is no store {redact_password(from_url)}")
    for kind, url in ((sources, from_url), (targets, to_url)):
        if users := kind.list_users(url):
            raise LockedError(
                f"{redact_password(url)} is in use by {', '.join(users)}; nothing was written: stop that, then migrate"
            )
    source = sources.open(from_url)
    try:
        target = targets.open(to_url)
        try:
            yield source, target
        finally:
            target.close()
    finally:
        source.close()


def get_store_class(registry: Registry, url: str) -> type[Store]:
    """Return the class that opens a URL; raise InvalidInputError if invalid, NotFoundError if unsupported."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise InvalidInputError(f"{url!r} is not the URL of a store, such as sqlite:////folder/qdash.db")
    try:
        urlsplit(url)
    except ValueError as error:
        raise InvalidInputError(f"{redact_password(url)} is not a URL: {error}") from error
    return registry.store_class(scheme)
