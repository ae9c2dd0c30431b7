"""Tasks and queries of the store for the tests of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import Parameter, TaskOutput
from qdash_core.models.task import Verdict
from qdash_core.validation.verdicts import Finding

from ..bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask
    from qdash_core.models.chip import TargetStatus
    from qdash_core.validation.verdicts import Candidate

    from ..bench import Bench

FREQUENCY = make_task("Frequency", {"qubit_frequency": Parameter(5.0, 0.1, "GHz")})
RABI = make_task("Rabi", {"amplitude": Parameter(0.1)}, needs=["qubit_frequency"])
T1 = make_task("T1", {"t1": Parameter(30.0, 1.0, "us")}, needs=["qubit_frequency", "amplitude"])


def make_failing_task(*qids: str, error: type[Exception] = ValueError) -> type[BaseTask]:
    """Return the frequency task, whose analysis fails on these qubits."""

    def analyse(self: BaseTask, _raw: object) -> TaskOutput:
        if self.context.qid in qids:
            raise error("no peak")
        return TaskOutput(values)

    values = {"qubit_frequency": Parameter(5.0, 0.1, "GHz")}
    return make_task("Frequency", values, analyse=analyse)


def get_states(bench: Bench, execution_id: str) -> dict[tuple[str, str], str]:
    return {(one.name, one.qid): str(one.status) for one in bench.list_results(execution_id)}


def set_status(bench: Bench, qid: str, status: TargetStatus) -> None:
    collection = "coupling" if "-" in qid else "qubit"
    with bench.qdash.store.transaction() as transaction:
        found = transaction.get(collection, (PROJECT, CHIP, qid))
        assert found is not None
        transaction.put(collection, {**found, "status": status})


class Flagging:
    """Validator that flags every frequency."""

    name = "flagging"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        return [Finding(Verdict.FLAGGED, "odd")] if candidate.task.name == "Frequency" else []
