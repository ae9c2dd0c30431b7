"""Rate of recorded tasks with several parallel measurements, against the limit set by the waits alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import opened, session
from benchmarks.table import Row, spread
from qdash_builtin.chips.feature import CHIPS
from qdash_core.session.dispatch.plans import Plan
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MEASURES_S = 0.05
_LATTICE = "square-lattice-mux-64"
_LANES = (1, 5, 10, 20)


def rows(folder: Path, *, runs: int) -> Iterator[Row]:
    """Measure on both stores; a ratio near 1 means that the measurements limit the rate, not the store."""
    with MongoServer(folder / "mongod-lanes") as server:
        for store, url in (("SQLite", f"sqlite:///{folder}/lanes.db"), ("MongoDB", server.url("lanes"))):
            limit = _rates(folder, url, lanes=max(_LANES), measures_s=0.0, runs=runs)
            yield Row(f"{store}'s limit: null tasks in {max(_LANES)} lanes", "/s", *spread(limit))
            for lanes in _LANES:
                rates = _rates(folder, url, lanes=lanes, measures_s=_MEASURES_S, runs=runs)
                what = (
                    f"{store}, tasks of {_MEASURES_S * 1e3:g} ms in {lanes} lanes, against the waiting alone"
                )
                yield Row(what, "/s", *spread(rates), against=[lanes / _MEASURES_S])


def _rates(folder: Path, url: str, *, lanes: int, measures_s: float, runs: int) -> list[float]:
    """Return the recorded tasks per second of each run on all qubits."""
    rates = []
    with opened(folder, url, lattice=_LATTICE, lanes=lanes, measures_s=measures_s) as qdash:
        orchestrator = session(qdash, _LATTICE)
        qids = list(qdash.get(CHIPS).show(qdash.access("admin"), _LATTICE).qubits)[
            : 20 if lanes == 1 and measures_s else None
        ]
        planned = orchestrator.plan_task("Null")
        for _ in range(runs):
            begun = time.perf_counter()
            orchestrator.run_plan(Plan([planned], [qids]))
            rates.append(len(qids) / (time.perf_counter() - begun))
        orchestrator.complete()
    return rates
