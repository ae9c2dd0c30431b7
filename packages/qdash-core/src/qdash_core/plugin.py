"""Plugin with the contributions of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.plugin_markers import hookimpl

if TYPE_CHECKING:
    from qdash_core.hooks.runners import Runner
    from qdash_core.repositories.store import Store
    from qdash_core.validation.verdicts import Validator


@hookimpl
def qdash_repositories() -> list[type[Store]]:
    from qdash_core.repositories.memory import MemoryStore

    return [MemoryStore]


@hookimpl
def qdash_storages() -> list[type]:
    from qdash_core.artifacts.storage import FilesystemCalibDataSaver

    return [FilesystemCalibDataSaver]


@hookimpl
def qdash_runners() -> list[Runner]:
    from qdash_core.runs.local_runner import LocalRunner

    return [LocalRunner()]


@hookimpl
def qdash_validators() -> list[Validator]:
    from qdash_core.validation.standard import STANDARD_VALIDATORS

    return list(STANDARD_VALIDATORS)
