"""Check of the growth of store and raw data: sizes by kind, growth in a week, and when the disk is full."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

from qdash_builtin.home.home import find_nearest_folder
from qdash_builtin.home.repositories.iteration import encode_canonically
from qdash_core.artifacts.storage_features import PrunableStorage, list_missing_features
from qdash_core.errors import StoreError
from qdash_core.models.health_findings import HealthFinding
from qdash_core.repositories.collection import SizeGroup
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Document, Snapshot, Store

_WEEK = timedelta(weeks=1)
_SOON_WEEKS, _FAR_WEEKS = 4.0, 520.0
_SAMPLE = 32
"""Number of documents whose mean size stands for all of a collection, and of newest results whose mean raw data stand for those of a week."""
_RESULTS = "task_result_history"
_PRUNE = "make room before then: `qdash store prune --older-than 90d` lists old data that nothing refers to"


@dataclass(frozen=True, slots=True)
class _NewResults:
    """Results of all projects: their number, that of the last week, and the documents of the newest ones."""

    total: int
    of_week: int
    newest: list[Document]


def check_growth(
    store: Store, artifacts: CalibDataSaver, home: Path, *, now: datetime, within_s: float | None
) -> HealthFinding:
    """Describe the sizes of raw data and documents, their growth, and when the disk of the home is full.

    Sizes by kind are estimated from a sample of the documents. A store on a server does not fill the disk of the home.

    Parameters
    ----------
    now : datetime
        The time of the home.
    within_s : float or None
        Time limit of the measurement of all files of raw data, in seconds, after which the size of those measured is a lower bound;
        None for no limit.
    """
    with store.read() as snapshot:
        collections = snapshot.collections
        texts = {name: _estimate_size(snapshot, name) for name in collections}
        results = _read_new_results(snapshot, now)
    size = store.measure_size()
    raw_size, all_raw, raw_mean = _measure_raw_data(artifacts, results, within_s=within_s)
    stored = sum(texts.values()) if size is None else size.bytes
    sizes = {"raw data" if all_raw else "raw data at least": raw_size, **_split(stored, texts, collections)}
    detail = ", ".join(f"{name} {_format(one)}" for name, one in sizes.items() if one)
    if not results.of_week:
        return HealthFinding("growth", "ok", f"{detail or 'nothing yet'}; no results in the last week")
    of_store = stored * results.of_week / results.total
    of_raw = raw_mean * results.of_week
    detail += f"; {_format(of_store + of_raw)} more in the last week"
    on_disk = of_raw + (0.0 if size is None or size.folder is None else of_store)
    free = shutil.disk_usage(find_nearest_folder(home)).free
    weeks = free / on_disk if on_disk else _FAR_WEEKS
    if weeks >= _FAR_WEEKS:
        return HealthFinding("growth", "ok", f"{detail}; the disk lasts for years")
    full = f"{detail}; the disk is full in {weeks:.0f} weeks ({now + weeks * _WEEK:%Y-%m-%d})"
    return (
        HealthFinding("growth", "warning", full, _PRUNE)
        if weeks < _SOON_WEEKS
        else HealthFinding("growth", "ok", full)
    )


def _estimate_size(snapshot: Snapshot, name: str) -> float:
    """Return the size of the text of a collection in bytes, from some of its documents."""
    number = snapshot.count(name, {})
    sample = snapshot.find(name, {}, limit=_SAMPLE) if number else []
    texts = [len(encode_canonically(document).encode()) for document in sample]
    return number * sum(texts) / len(texts) if texts else 0.0


def _read_new_results(snapshot: Snapshot, now: datetime) -> _NewResults:
    of_week = 0
    newest: list[Document] = []
    for project in snapshot.find("project", {}):
        where = {"project_id": project["project_id"]}
        of_week += snapshot.count(_RESULTS, {**where, "start_at": Range(least=now - _WEEK)})
        newest += snapshot.find(_RESULTS, where, order=("-start_at",), limit=_SAMPLE)
    return _NewResults(snapshot.count(_RESULTS, {}), of_week, newest)


def _split(
    stored: float, texts: Mapping[str, float], collections: Mapping[str, Collection]
) -> dict[str, float]:
    """Return the size of a store by kind, in proportion to the texts of its documents."""
    total = sum(texts.values()) or 1.0
    sizes = dict.fromkeys(get_args(SizeGroup), 0.0)
    for name, text in texts.items():
        sizes[collections[name].size_group] += stored * text / total
    return sizes


def _measure_raw_data(
    artifacts: CalibDataSaver, results: _NewResults, *, within_s: float | None
) -> tuple[int, bool, float]:
    """Return the size of raw data, whether that is all of them, and their mean size for each of the newest results, in bytes; zeros if unknown."""
    if not isinstance(artifacts, PrunableStorage) or "paths" in list_missing_features(artifacts):
        return 0, True, 0.0
    newest = [path for result in results.newest for path in result.get("raw_data_path") or []]
    mean = sum(_measure(artifacts, path) for path in newest) / max(1, len(results.newest))
    deadline = None if within_s is None else time.monotonic() + within_s
    total = 0
    for number, path in enumerate(artifacts.paths()):
        if number and deadline is not None and time.monotonic() > deadline:
            return total, False, mean
        total += _measure(artifacts, path)
    return total, True, mean


def _measure(artifacts: PrunableStorage, path: str) -> int:
    try:
        return artifacts.size(path)
    except StoreError:  # it is missing, which another check reports, or was just removed
        return 0


def _format(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
