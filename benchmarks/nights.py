"""Digest, judgement and trends of a chip with a month of nights, as they are read in the morning."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import milliseconds
from benchmarks.servers import opened_store
from benchmarks.table import Row
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService
from qdash_core.flows.steps import BringUp, OneQubitCheck
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash

_CHIP = "nights"


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Time each service call."""
    qubits, nights = (16, 3) if quick else (64, 30)
    with opened_store(store, folder) as qdash:
        access = qdash.access("admin")
        create_twin_chip(qdash, access, _CHIP, load_device(f"square-lattice-mux-{qubits}"), seed=1)
        for step in (BringUp(), OneQubitCheck()):
            calibration = CalibService("admin", _CHIP, qdash=qdash)
            calibration.run(AllMuxTargets(), [step])
            calibration.finish_calibration()
        _copy_check(qdash, nights)

        def judge() -> None:
            with qdash.store.read() as snapshot:
                qdash.get(JUDGEMENTS).read(Repositories(snapshot), access.project_id, _CHIP)

        for what, work in (
            ("digest of the last night", lambda: qdash.get(DIGESTS).make(access, _CHIP, "24h")),
            ("digest of all nights", lambda: qdash.get(DIGESTS).make(access, _CHIP, f"{24 * nights}h")),
            ("judgement of the overview", judge),
            ("trends", lambda: qdash.get(METRICS).get_trends(access, _CHIP)),
        ):
            of = f"{qubits} qubits over {nights} nights: {store}"
            yield Row.of(f"{what}, first, {of}", "ms", [milliseconds(work)])
            times = [milliseconds(work) for _ in range(2 if quick else 12)]
            yield Row.of(f"{what}, again, {of}", "ms", times)


def _copy_check(qdash: QDash, nights: int) -> None:
    """Add copies of the check of all qubits in the nights before."""
    access, executions = qdash.access("admin"), qdash.repositories.of(ExecutionRepository)
    chips = qdash.repositories.of(ChipRepository)
    check, results = qdash.get(EXECUTIONS).show(access, qdash.get(EXECUTIONS).newest(access)[0].execution_id)
    chip = chips.require(access.project_id, _CHIP)
    chips.put(chip.model_copy(update={"installed_at": check.start_at - timedelta(days=nights + 1)}))
    for night in range(1, nights):
        shift, execution_id = timedelta(days=night), f"{check.start_at - timedelta(days=night):%Y%m%d}-900"
        moved = {name: getattr(check, name) - shift for name in ("created_at", "start_at", "end_at")}
        executions.add(check.model_copy(update={"execution_id": execution_id, **moved}))
        copies = [
            one.model_copy(
                update={
                    "task_id": f"{one.task_id}-{night}",
                    "execution_id": execution_id,
                    **{name: at - shift for name in ("start_at", "end_at") if (at := getattr(one, name))},
                }
            )
            for one in results
        ]
        qdash.repositories.of(TaskResultHistoryRepository).add(*copies)
