"""Comparison of raw-data files with the results that name them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.artifacts.storage_features import list_missing_features, require_verifiable
from qdash_core.errors import PluginError, StoreError
from qdash_core.models.attachment import iterate_attached
from qdash_core.models.health_findings import HealthFinding, count_with_examples
from qdash_core.models.quantities import format_count
from qdash_core.parsing.urls import redact_password
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.store import Snapshot, Store

RESTORE = "put the files back where they were, or restore a backup (qdash store restore)"
_NAMED = 3
_RESULTS = COLLECTIONS["task_result_history"]


@dataclass
class RawDataComparison:
    """Result of the comparison of files with results.

    Attributes
    ----------
    results, files : int
        Number of checked results, and of the files that they name.
    verified : int
        Number of files with the recorded checksum.
    missing, altered : list of str
        Paths of files that do not exist, or differ from what was written.
    unknown : list of str
        Paths of files that no result names, or None if the check is incomplete.
    """

    results: int = 0
    files: int = 0
    verified: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    unknown: list[str] | None = None


def check_raw_data_files(
    store: Store, artifacts: CalibDataSaver, url: str, *, within_s: float
) -> HealthFinding:
    """Check within a time limit, in arbitrary order, that the files named by results exist."""
    artifacts.check()
    deadline = time.monotonic() + within_s
    found, named = RawDataComparison(), set[str]()
    with store.read() as snapshot:
        total = snapshot.count(_RESULTS.name, {})
        for entry in iterate_entries(snapshot, _RESULTS):
            if found.results and time.monotonic() > deadline:
                break
            for path, _ in _list_named_files(entry.document, found):
                named.add(path)
                if not artifacts.exists(path):
                    found.missing.append(path)
        for path, _ in _list_attached_files(snapshot, found):
            named.add(path)
            if not artifacts.exists(path):
                found.missing.append(path)
    seen = ""
    if found.results < total:
        seen = f"; {found.results} of {total} results were looked at, --deep looks at all"
    elif (unknown := _find_unknown_files(artifacts, named, until=deadline)) is not None:
        found.unknown = unknown
    else:
        seen = "; --deep looks for files that no result names"
    return _make_finding(found, redact_password(url), seen)


def verify_raw_data(
    store: Store, artifacts: CalibDataSaver, url: str, progress: Callable[[str, int, int | None], None]
) -> HealthFinding:
    """Read every file that a result names, and compare its checksum with the recorded one."""
    try:
        require_verifiable(artifacts)
    except PluginError as error:
        return HealthFinding("artifacts", "warning", str(error), "")
    artifacts.check()
    found = compare_raw_data(store, artifacts, progress)
    return _make_finding(found, redact_password(url), f"; {found.verified} checksums are right")


def compare_raw_data(
    store: Store, artifacts: CalibDataSaver, progress: Callable[[str, int, int | None], None]
) -> RawDataComparison:
    """Compare every file with the results that name it. A file without a recorded checksum is parsed instead.

    Files and results that are saved meanwhile make no difference, because a result is recorded after its
    file.
    """
    found, named = RawDataComparison(), set[str]()
    there = set(artifacts.paths())
    with store.read() as snapshot:
        total = snapshot.count(_RESULTS.name, {})
        for entry in iterate_entries(snapshot, _RESULTS):
            progress("verifying raw data", found.results + 1, total)
            for path, checksum in _list_named_files(entry.document, found):
                if path not in named:
                    named.add(path)
                    _verify(artifacts, path, checksum, found)
        for path, checksum in _list_attached_files(snapshot, found):
            named.add(path)
            _verify(artifacts, path, checksum, found)
        open_files = {_get_file(entry.document) for entry in iterate_entries(snapshot, _RESULTS)}
    found.unknown = sorted(there - named - open_files)
    return found


def _verify(artifacts: CalibDataSaver, path: str, checksum: str | None, found: RawDataComparison) -> None:
    if not artifacts.exists(path):
        found.missing.append(path)
        return
    try:
        if checksum is None:
            artifacts.load_raw_data(path)
        elif artifacts.checksum(path) != checksum:
            found.altered.append(path)
        else:
            found.verified += 1
    except StoreError:
        found.altered.append(path)


def _list_named_files(result: dict[str, Any], found: RawDataComparison) -> Iterator[tuple[str, str | None]]:
    """Yield each file that a result names, with its recorded checksum, and count both."""
    found.results += 1
    checksums = result.get("raw_data_sha256") or []
    for place, path in enumerate(result.get("raw_data_path") or []):
        found.files += 1
        yield path, checksums[place] if place < len(checksums) else None


def _list_attached_files(snapshot: Snapshot, found: RawDataComparison) -> Iterator[tuple[str, str]]:
    """Yield each file that is attached to a record, with its checksum, and count it."""
    for collection in snapshot.collections.values():
        if collection.attached:
            for entry in iterate_entries(snapshot, collection):
                for file in iterate_attached(entry.document):
                    found.files += 1
                    yield file


def _get_file(document: dict[str, Any]) -> str:
    """Return the raw-data path of a result, named or not, as `TaskResultModel.raw_data_file`."""
    parts = [str(document.get(name)) for name in ("project_id", "chip_id", "execution_id", "task_id")]
    return f"{'/'.join(parts)}.npz"


def _find_unknown_files(artifacts: CalibDataSaver, named: set[str], *, until: float) -> list[str] | None:
    """Return the files that no result names, none if the storage lists no files, or None if the time ran out."""
    if "paths" in list_missing_features(artifacts):
        return []
    unknown = []
    for path in artifacts.paths():
        if time.monotonic() > until:
            return None
        if path not in named:
            unknown.append(path)
    return sorted(unknown)


def _make_finding(found: RawDataComparison, where: str, more: str) -> HealthFinding:
    faults = [
        f"{count_with_examples(len(paths), paths[:_NAMED], 'file')} {what}"
        for paths, what in (
            (sorted(found.missing), "missing"),
            (sorted(found.altered), "altered or unreadable"),
        )
        if paths
    ]
    if faults:
        return HealthFinding(
            "artifacts",
            "failed",
            f"{where}: of {format_count(found.files, 'file')} that results name, {', '.join(faults)}{more}",
            RESTORE,
        )
    orphans = (
        ""
        if not found.unknown
        else f", and {count_with_examples(len(found.unknown), found.unknown[:_NAMED], 'file')} that no result names"
    )
    return HealthFinding(
        "artifacts",
        "ok",
        f"{where} holds the {format_count(found.files, 'file')} that results name{orphans}{more}",
    )
