"""Attached files that no record names, since a process was killed between writing the file and the record, or removing both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.artifacts.storage_features import list_missing_features
from qdash_core.models.attachment import ATTACHMENTS, is_written_before, iterate_attached

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.store import Store


def find_unnamed_files(
    store: Store, artifacts: CalibDataSaver, project_ids: Collection[str], before: datetime
) -> list[str]:
    """Return the attachments of projects that were written before a time, at least a day ago, and that no record names.

    A storage that cannot list its files has none.
    """
    if "paths" in list_missing_features(artifacts):
        return []
    folders = tuple(f"{ATTACHMENTS}{project_id}/" for project_id in project_ids)
    old = {path for path in artifacts.paths() if path.startswith(folders) and is_written_before(path, before)}
    if not old:
        return []
    with store.read() as snapshot:
        for collection in snapshot.collections.values():
            if collection.attached:
                for entry in iterate_entries(snapshot, collection):
                    old.difference_update(path for path, _ in iterate_attached(entry.document))
    return sorted(old)
