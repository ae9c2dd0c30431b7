"""Source or destination of a backup: store, raw data and home of the settings."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from qdash_builtin.chips.chip_files import ChipFiles
from qdash_core.artifacts.storage_features import require_verifiable
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.urls import redact_password
from qdash_core.process.file_modes import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.settings import Settings


@dataclass(frozen=True, slots=True)
class DataLocation:
    """An open store and the raw data beside it, in a storage that can list and verify files, with their URLs without secrets."""

    store: Store
    artifacts: CalibDataSaver
    chip_files: ChipFiles
    home: Path
    store_url: str
    artifacts_url: str

    @classmethod
    def of_runtime(cls, runtime: Runtime) -> Self:
        """Return the location of an open runtime.

        Raises
        ------
        InvalidInputError
            If the store is in memory.
        PluginError
            If the storage cannot list and verify files.
        """
        settings = runtime.settings
        _require_lasting(runtime.store, settings)
        require_verifiable(runtime.artifacts)
        return cls(
            runtime.store,
            runtime.artifacts,
            ChipFiles(runtime.registry, settings.home),
            settings.home,
            redact_password(settings.store_url),
            redact_password(settings.artifacts_url),
        )


@contextmanager
def open_location(settings: Settings, registry: Registry, *, made: bool) -> Iterator[DataLocation]:
    """Open the store and the raw data of the settings, without creating the defaults of a home; with `made`, create a missing store.

    Raises
    ------
    InvalidInputError
        If the store is in memory, or does not exist and may not be created.
    NotFoundError, PluginError, StoreError
        If nothing opens a URL, the storage cannot list and verify, or the store cannot be opened.
    """
    if made:
        make_folder(settings.home, shared=False)
    kind = registry.store_class(urlsplit(settings.store_url).scheme)
    where = redact_password(settings.store_url)
    _require_lasting(kind, settings)
    if not made and not kind.exists(settings.store_url):
        raise InvalidInputError(f"there is no store {where}: look at QDASH_HOME and QDASH_STORE_URL")
    artifacts = registry.storage(urlsplit(settings.artifacts_url).scheme).open(settings.artifacts_url)
    require_verifiable(artifacts)
    store = kind.open(settings.store_url)
    try:
        chip_files = ChipFiles(registry, settings.home)
        yield DataLocation(
            store, artifacts, chip_files, settings.home, where, redact_password(settings.artifacts_url)
        )
    finally:
        store.close()


def _require_lasting(store: Store | type[Store], settings: Settings) -> None:
    if not store.shared:
        where = redact_password(settings.store_url)
        raise InvalidInputError(
            f"the store {where} exists only in this process, and cannot be backed up or restored: let QDASH_STORE_URL name a file or MongoDB"
        )
