"""Rate of recorded tasks with several parallel measurements, against the limit set by the waits alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import opened, session
from benchmarks.servers import store_url
from benchmarks.table import Row
from qdash_builtin.chips.feature import CHIPS
from qdash_core.session.dispatch.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MEASURES_S = 0.05
_TASKS = 5
"""Tasks on each target: all lanes begin the first one at the same time."""
_LATTICE = "square-lattice-mux-64"


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Measure the rates; a ratio near 1 means that the measurements limit the rate, not the store."""
    runs = 1 if quick else 3
    with store_url(store, folder) as url:
        limit = _rates(folder, url, lanes=20, measures_s=0.0, runs=runs)
        yield Row.of(f"limit of the store, null tasks in 20 lanes: {store}", "/s", limit)
        for lanes in (20,) if quick else (1, 5, 10, 20):
            rates = _rates(folder, url, lanes=lanes, measures_s=_MEASURES_S, runs=runs)
            what = f"tasks of {_MEASURES_S * 1e3:g} ms in {lanes} lanes, over the waiting alone: {store}"
            yield Row.of(what, "/s", rates, against=[lanes / _MEASURES_S])


def _rates(folder: Path, url: str, *, lanes: int, measures_s: float, runs: int) -> list[float]:
    """Return the recorded tasks per second of each run on all qubits."""
    rates = []
    with opened(folder, url, lattice=_LATTICE, lanes=lanes, measures_s=measures_s) as qdash:
        orchestrator = session(qdash, _LATTICE)
        qids = list(qdash.get(CHIPS).show(qdash.access("admin"), _LATTICE).qubits)
        qids = qids[: 20 if lanes == 1 and measures_s else len(qids) // lanes * lanes]  # whole rounds
        planned = orchestrator.plan_task("Null")
        for _ in range(runs):
            begun = time.perf_counter()
            orchestrator.run_plan(Plan([planned] * _TASKS, [qids]))
            rates.append(_TASKS * len(qids) / (time.perf_counter() - begun))
        orchestrator.complete()
    return rates
