"""Raw data against the results that name them: which files are missing, altered, or named by nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.verifiable import lacking, require_verifiable
from qdash_core.errors import PluginError, StoreError
from qdash_core.health.findings import Finding, several
from qdash_core.repositories.reading import entries
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.store import Store

RESTORE = "put the files back where they were, or restore a backup (qdash store restore)"
_NAMED = 3
_RESULTS = COLLECTIONS["task_result_history"]


@dataclass
class Comparison:
    """What comes of holding files against results.

    Attributes
    ----------
    results, files : int
        How many results were looked at, and how many files they name.
    verified : int
        Files whose checksum is the one that was kept.
    missing, altered : list of str
        Paths of files that are not there, or not what was written.
    unknown : list of str
        Paths of files that no result names; None where not everything was looked at.
    """

    results: int = 0
    files: int = 0
    verified: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    unknown: list[str] | None = None


def quickly(store: Store, artifacts: CalibDataSaver, url: str, *, within_s: float) -> Finding:
    """Look whether files that results name are there, as long as there is time; results come in no special order."""
    artifacts.check()
    deadline = time.monotonic() + within_s
    found, named, late = Comparison(), set[str](), False
    with store.read() as snapshot:
        total = snapshot.count(_RESULTS.name, {})
        for entry in entries(snapshot, _RESULTS):
            for path, _ in _named_by(entry.document, found):
                named.add(path)
                if not artifacts.exists(path):
                    found.missing.append(path)
            if late := time.monotonic() > deadline:
                break
    if not late:
        found.unknown = _unknown(artifacts, named, until=deadline)
    seen = (
        ""
        if found.results == total
        else f"; {found.results} of {total} results were looked at, --deep looks at all"
    )
    return _finding(found, redacted(url), seen)


def deeply(
    store: Store, artifacts: CalibDataSaver, url: str, progress: Callable[[str, int, int | None], None]
) -> Finding:
    """Read every file that a result names, and compare its checksum with the one that was kept with the result."""
    try:
        require_verifiable(artifacts)
    except PluginError as error:
        return Finding("artifacts", "warning", str(error), "")
    artifacts.check()
    found = compared(store, artifacts, progress)
    return _finding(found, redacted(url), f"; {found.verified} checksums are right")


def compared(
    store: Store, artifacts: CalibDataSaver, progress: Callable[[str, int, int | None], None]
) -> Comparison:
    """Hold every file against the results that name it. A file without a known checksum is read as raw data instead.

    What is saved or recorded meanwhile is no difference: a file is named by a result that is recorded after it.
    """
    found, named = Comparison(), set[str]()
    there = set(artifacts.paths())
    with store.read() as snapshot:
        total = snapshot.count(_RESULTS.name, {})
        for entry in entries(snapshot, _RESULTS):
            progress("verifying raw data", found.results + 1, total)
            for path, checksum in _named_by(entry.document, found):
                if path not in named:
                    named.add(path)
                    _verify(artifacts, path, checksum, found)
        open_files = {_file_of(entry.document) for entry in entries(snapshot, _RESULTS)}
    found.unknown = sorted(there - named - open_files)
    return found


def _verify(artifacts: CalibDataSaver, path: str, checksum: str | None, found: Comparison) -> None:
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


def _named_by(result: dict[str, Any], found: Comparison) -> Iterator[tuple[str, str | None]]:
    """Yield each file that a result names, with the checksum that was kept of it, and count both."""
    found.results += 1
    checksums = result.get("raw_data_sha256") or []
    for place, path in enumerate(result.get("raw_data_path") or []):
        found.files += 1
        yield path, checksums[place] if place < len(checksums) else None


def _file_of(document: dict[str, Any]) -> str:
    """Return where a result keeps its raw data, whether or not it names them yet: `TaskResultModel.raw_data_file`."""
    parts = [str(document.get(name)) for name in ("project_id", "chip_id", "execution_id", "task_id")]
    return f"{'/'.join(parts)}.npz"


def _unknown(artifacts: CalibDataSaver, named: set[str], *, until: float) -> list[str] | None:
    if "paths" in lacking(artifacts):
        return None
    unknown = []
    for path in artifacts.paths():
        if path not in named:
            unknown.append(path)
        if time.monotonic() > until:
            return None
    return sorted(unknown)


def _finding(found: Comparison, where: str, more: str) -> Finding:
    faults = [
        f"{several(len(paths), paths[:_NAMED], 'file')} {what}"
        for paths, what in (
            (sorted(found.missing), "missing"),
            (sorted(found.altered), "altered or unreadable"),
        )
        if paths
    ]
    if faults:
        return Finding(
            "artifacts",
            "failed",
            f"{where}: of {found.files} that results name, {', '.join(faults)}{more}",
            RESTORE,
        )
    orphans = (
        ""
        if not found.unknown
        else f", and {several(len(found.unknown), found.unknown[:_NAMED], 'file')} that no result names"
    )
    return Finding(
        "artifacts", "ok", f"{where} holds the {found.files} files that results name{orphans}{more}"
    )
