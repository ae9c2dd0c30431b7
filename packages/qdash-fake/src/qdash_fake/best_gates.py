"""Best possible gates of couplings, cached beside the twin: the search takes a fraction of a second each."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import QDashError
from qdash_fake import physics
from qdash_fake.folders import lock_folder
from qdash_fake.physics.gate_quality import estimate_error, find_best_gate
from qdash_fake.physics.pair import make_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.physics.pair import Pair

logger = logging.getLogger(__name__)

_FILE = "best_gates.json"

Kept = dict[str, list[object]]
"""Cached errors by name, each with a fingerprint of its inputs."""


class BestGates:
    """Errors of the best gates of a chip's couplings.

    An entry of the cache is valid only for the same pair and search code; an unreadable one is computed again, and a
    failed write is ignored. Each entry, for a coupling and direction, is written atomically as soon as it is known: an
    interrupted search continues, and parallel ones add to each other. Without a folder nothing is cached.
    """

    def __init__(self, chip: ChipTruth, folder: Path | None = None) -> None:
        self._chip, self._folder = chip, folder
        self._kept: Kept = {} if folder is None else _read(folder)

    def get_error(self, coupling_id: str, control: str) -> float:
        """Return the smallest error of a gate on a coupling with that control (see `find_best_gate`)."""
        return self._find("best", coupling_id, control, lambda pair: find_best_gate(pair).error)

    def choose_control(self, coupling_id: str) -> str:
        """Return the control qubit for which the best gate has the smaller error."""
        coupling = self._chip.couplings[coupling_id]
        return min(
            (coupling.a, coupling.b), key=lambda qid: self._find("rough", coupling_id, qid, estimate_error)
        )

    def _find(self, what: str, coupling_id: str, control: str, search: Callable[[Pair], float]) -> float:
        pair, name = make_pair(self._chip, coupling_id, control), f"{what} of {coupling_id} from {control}"
        fingerprint = _compute_fingerprint(pair)
        known = self._kept.get(name)
        if known is not None and known[0] == fingerprint:
            return float(known[1])  # type: ignore[arg-type]
        error = search(pair)
        self._kept[name] = [fingerprint, error]
        self._keep({name: self._kept[name]})
        return error

    def _keep(self, found: Mapping[str, list[object]]) -> None:
        """Add entries to the cache, under a lock among processes and threads."""
        if self._folder is None:
            return
        try:
            with lock_folder(self._folder):
                contents = json.dumps(_read(self._folder) | dict(found)).encode()
                write_atomically(self._folder / _FILE, lambda file: file.write(contents))
        except (OSError, QDashError) as error:  # the home is full, read-only, or gone
            logger.debug("cannot cache the best gates of %s: %s", self._folder, error)


def _read(folder: Path) -> Kept:
    """Return the cached entries; empty if the file cannot be read."""
    try:
        kept = json.loads((folder / _FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return (
        {name: entry for name, entry in kept.items() if _is_complete(entry)} if isinstance(kept, dict) else {}
    )


def _is_complete(entry: object) -> bool:
    if not isinstance(entry, list) or len(entry) != 2:
        return False
    error = entry[1]
    return isinstance(error, float) and math.isfinite(error)


def _compute_fingerprint(pair: Pair) -> str:
    """Return a fingerprint of the code and of all inputs of a search, with every digit."""
    return hashlib.sha256(f"{_digest_code()}{pair!r}".encode()).hexdigest()


@cache
def _digest_code() -> str:
    """Return a fingerprint of the installed physics code: another release may find other gates."""
    sources = sorted(files(physics).iterdir(), key=lambda source: source.name)
    found = hashlib.sha256()
    for source in sources:
        if source.name.endswith(".py"):
            found.update(source.read_bytes())
    return found.hexdigest()
