"""Explanations of results, targets and executions, from rules beside the tasks of a plugin."""

from __future__ import annotations

import sys
from datetime import timedelta
from time import sleep
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.explanations import failure_age
from qdash_builtin.explanations.explanation import ExecutionExplanation, Explanation
from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_builtin.explanations.views import (
    ExecutionExplanationDocument,
    ExplanationDocument,
    make_explanation_document,
)
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AnalysisError,
    BackendError,
    InvalidInputError,
    NotFoundError,
    Parameter,
    RawData,
    TaskOutput,
)
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import make_topology
from qdash_core.session.dispatch.plans import Plan
from qdash_core.tasks.parameters import FeatureDeclaration, OutputParameter

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

BETWEEN_RUNS_S = 0.5
"""Pause by which the failures of a run began at the same time: it is long beside the run."""
CAUSES = """
causes:
  - id: line-dead
    title: The drive line is dead
    do: Look at the cable.
    command: qdash task run {task} --chip {chip} --qid {qid}
    indistinguishable_from: [source-off]
    words: [cable]
  - {id: source-off, title: The source is off, do: Switch it on.}
  - {id: amplifier-dead, title: The amplifier is dead, do: Change it.}
  - {id: readout-poor, title: The readout is poor, do: Calibrate it.}
"""
RABI = """
measures: An oscillation.
evidence:
  - {cause: line-dead, when: failed == 1 and contrast < 0.1, weight: 3, text: "The contrast is {contrast:.2f} on {target}."}
  - {cause: line-dead, when: accepted.Readout == 1, weight: 1, text: The readout works.}
  - {cause: readout-poor, when: failed == 1, weight: 2, text: It failed.}
  - {cause: readout-poor, when: Readout.separation > 2, weight: -3, text: "The separation is {Readout.separation:.0f}."}
  - {cause: amplifier-dead, when: share_failed.mux == 1 and n_failed.mux > 1, weight: 6, text: "{partner} failed too."}
"""


def measure_rabi(task: Any, _backend: object) -> RawData:
    qid = task.context.qid
    top = 0.002 if f"no signal on {qid}" in task.flat else 0.02 if qid in task.flat else 0.8
    return RawData({"signal": ([0.0, top], "a.u.")})


def analyse_rabi(_task: object, raw: RawData) -> TaskOutput:
    if raw["signal"].max() < 0.1:
        raise AnalysisError("no oscillation")
    return TaskOutput({"rabi_frequency": Parameter(10.0, 0.1, "MHz")}, r2=0.9)


def get_contrast(_cls: object, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:
    assert (output is None) == (raw["signal"].max() < 0.1)
    return {"contrast": float(raw["signal"].max())}


RABI_TASK = make_task(
    "Rabi",
    {"rabi_frequency": Parameter(10.0, 0.1, "MHz")},
    measure=measure_rabi,
    analyse=analyse_rabi,
    features=classmethod(get_contrast),
    feature_parameters={"contrast": FeatureDeclaration("a.u.", "largest signal")},
    flat={"0"},
)
READOUT = make_task(
    "Readout",
    {"fidelity": Parameter(0.9, 0.01)},
    features=classmethod(lambda _cls, _raw, _output: {"separation": 3.0}),
    feature_parameters={
        "separation": FeatureDeclaration("", "distance of the clouds in standard deviations")
    },
)
PULSE = make_task(
    "Pulse",
    {"angle": Parameter(1.0, 0.1, "rad")},
    needs=["rabi_frequency"],
    analyse=lambda task, _: analyse_pulse(task),
)


def analyse_pulse(task: Any) -> TaskOutput:
    if task.context.inputs["rabi_frequency"].value < 5:
        raise AnalysisError("the angle is too small")
    return TaskOutput({"angle": Parameter(1.0, 0.1, "rad")})


GATE = make_task(
    "Gate",
    {"gate_fidelity": Parameter(0.9, 0.01)},
    measure=make_raising(AnalysisError("no gate")),
    task_type="coupling",
)


@pytest.fixture
def make_lab(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that opens a bench whose tasks have files in a folder."""
    module = ModuleType("explained_tasks")
    module.__file__ = str(tmp_path / "explained_tasks.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (tmp_path / "causes.yaml").write_text(CAUSES)
    (tmp_path / "Rabi.yaml").write_text(RABI)

    def make(*, also: Sequence[type[BaseTask]] = (), **of_rabi: Any) -> Bench:
        given = {"__module__": module.__name__}
        rabi = type("Rabi", (RABI_TASK,), {**given, **of_rabi})
        return make_bench(rabi, *(type(one.name, (one,), given) for one in (READOUT, PULSE, GATE, *also)))

    return make


def explain(bench: Bench, result: TaskResultModel) -> ExplanationDocument:
    found = bench.qdash.get(EXPLANATIONS).explain_result(ADMIN, result.task_id)
    return ExplanationDocument.from_explanation(found)


@pytest.mark.every_store
def test_a_failure_is_explained_from_its_trace_and_from_other_tasks(make_lab: Any) -> None:
    bench = make_lab()
    readout = bench.run("Readout")
    failed = bench.run("Rabi")
    found = explain(bench, failed)
    assert found.failed == "Rabi on qubit 0 failed: no oscillation"
    (cause,) = found.causes
    assert (cause.id, cause.target, cause.score) == ("line-dead", "0", 4.0)
    assert [(one.text, one.weight, [source.id for source in one.sources]) for one in cause.evidence_for] == [
        ("The contrast is 0.02 on 0.", 3.0, [failed.task_id]),
        ("The readout works.", 1.0, [failed.task_id, readout.task_id]),
    ]
    assert cause.command == "qdash task run Rabi --chip chip --qid 0"
    assert cause.indistinguishable_from == ["The source is off"]
    assert cause.probability > 0.6
    assert found.features["contrast"] == 0.02
    assert [one.task_id for one in found.considered] == [readout.task_id]
    assert found.remarks == []


def test_without_another_task_a_worse_cause_stays_in_the_list(make_lab: Any) -> None:
    bench = make_lab()
    found = explain(bench, bench.run("Rabi"))
    assert [(one.id, one.score) for one in found.causes] == [("line-dead", 3.0), ("readout-poor", 2.0)]


def test_an_accepted_result_has_no_cause(make_lab: Any) -> None:
    bench = make_lab(flat=set())
    bench.run("Readout")
    found = explain(bench, bench.run("Rabi"))
    assert (found.causes, found.failed) == ([], "Rabi on qubit 0 was accepted")


def test_a_target_is_explained_by_its_newest_failure(make_lab: Any) -> None:
    bench = make_lab()
    explanations = bench.qdash.get(EXPLANATIONS)
    assert explanations.explain_target(ADMIN, CHIP, "Q00").remarks == ("no task has run on this target",)
    with pytest.raises(NotFoundError, match="there is no execution 'last'"):
        explanations.explain(ADMIN, "last")
    failed = bench.run("Rabi")
    bench.run("Readout")
    found = explanations.explain_target(ADMIN, CHIP, "0")
    assert found.result is not None
    assert found.result.task_id == failed.task_id
    with pytest.raises(NotFoundError):
        explanations.explain_target(ADMIN, CHIP, "9")


def test_a_later_measurement_counts_instead_of_a_skipped_result(make_lab: Any) -> None:
    bench = make_lab()
    session = bench.start_session()
    session.run_plan(Plan([session.plan_task(name) for name in ("Rabi", "Pulse")], [["0"]]))
    session.complete()
    bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "0", {"rabi_frequency": Parameter(10.0, 0.1, "MHz")}, reason="by hand"
    )
    pulse = bench.run("Pulse")
    found = bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, CHIP, "0")
    assert found.result is not None
    assert found.result.name == "Rabi"
    assert [one.task_id for one in found.considered if one.name == "Pulse"] == [pulse.task_id]


def test_an_execution_is_explained_by_shared_causes_and_origins(make_lab: Any) -> None:
    bench = make_lab(flat={"0", "1", "2", "3", "9", "14"})
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )
    session = bench.start_session(chip_id="big")
    targets = [str(number) for number in range(16)]
    session.run_plan(Plan([session.plan_task(name) for name in ("Rabi", "Pulse")], [targets]))
    execution_id = session.execution.execution_id
    session.complete()
    explained = bench.qdash.get(EXPLANATIONS).explain_execution(ADMIN, execution_id)
    found = ExecutionExplanationDocument.from_explanation(explained)
    assert [(one.cause and one.cause.id, one.resource, one.targets) for one in found.groups] == [
        ("amplifier-dead", "multiplexer 0", ["0", "1", "2", "3"]),
        ("line-dead", None, ["9", "14"]),
    ]
    shared, single = found.groups
    assert [one.next_step_phrase for one in found.groups] == ["", " for qubit 9 (likewise for the others)"]
    assert single.cause
    assert single.cause.partner_phrase == ""
    assert (shared.n, shared.examined) == (4, 4)
    assert shared.cause
    assert (shared.cause.partner, shared.cause.partner_phrase) == ("1, 2, 3", ", with qubits 1, 2 and 3")
    assert shared.cause.evidence_for[0].text == "qubits 1, 2 and 3 failed too."
    assert [(one.origin and one.origin.target, one.targets) for one in found.skipped] == [
        (one, [one]) for one in ("0", "1", "2", "3", "9", "14")
    ]
    skipped = next(one for one in bench.list_results(execution_id) if (one.name, one.qid) == ("Pulse", "9"))
    of_skipped = explain(bench, skipped)
    assert of_skipped.asked is not None
    assert (of_skipped.asked.task, of_skipped.failed) == (
        "Pulse",
        "Rabi on qubit 9 failed: no oscillation",
    )
    assert of_skipped.causes[0].id == "line-dead"


@pytest.fixture
def readouts(make_lab: Any, tmp_path: Path) -> tuple[Bench, set[str], Callable[[], str]]:
    """Return a bench with 16 qubits in multiplexers, the qubits whose readout is lost, and a function that reads all of them."""
    (tmp_path / "Fidelity.yaml").write_text(
        "measures: x\nevidence:\n  - {cause: amplifier-dead, when: mux_change.average_readout_fidelity < 0.8, weight: 5, text: All fell.}"
    )
    lost: set[str] = set()

    def analyse(task: Any, _raw: RawData) -> TaskOutput:
        value = 0.61 if task.context.qid in lost else 0.98
        return TaskOutput({**essential, "average_readout_fidelity": Parameter(value, 0.002)})

    metrics = load_builtin().qubit_metrics.items()
    essential = {name: Parameter(0.99, 0.002, one.unit.strip("%")) for name, one in metrics if one.essential}
    fidelity = make_task("Fidelity", essential, analyse=analyse)
    bench = make_lab(also=(fidelity,))
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )

    def read() -> str:
        session = bench.start_session(chip_id="big")
        session.run_plan(Plan([session.plan_task("Fidelity")], [[str(number) for number in range(12)]]))
        execution_id = session.execution.execution_id
        session.complete()
        return execution_id

    return bench, lost, read


def test_an_unfit_target_is_explained_from_the_night_in_which_its_accepted_value_fell(readouts: Any) -> None:
    bench, lost, read = readouts
    read(), read()
    lost |= {"4", "5", "6", "7"}
    fallen, last = read(), read()
    document = ExplanationDocument.from_explanation(
        bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, "big", "5")
    )
    assert document.move == (
        "Readout fidelity of qubits 4, 5, 6 and 7 (multiplexer 1, 4 of 4) fell from 0.980(2) to 0.610(2) on qubit 5"
    )
    assert document.result is not None
    assert (document.result.execution_id, document.result.outcome) == (fallen, "accepted")
    assert [one.id for one in document.causes] == ["amplifier-dead"]
    (newest,) = (one for one in bench.list_results(last) if one.qid == "5")
    likely = bench.qdash.get(EXPLANATIONS).find_likely_cause(ADMIN, newest.task_id)
    assert likely is not None
    assert likely.cause.id == "amplifier-dead"
    (group,) = bench.qdash.get(EXPLANATIONS).explain_execution(ADMIN, last).groups
    assert (group.resource, [one.qid for one in group.results]) == ("multiplexer 1", ["4", "5", "6", "7"])
    assert {one.execution_id for one in group.results} == {fallen}


def test_a_target_that_recovered_has_nothing_to_explain(readouts: Any) -> None:
    bench, lost, read = readouts
    read(), read()
    lost |= {"5"}
    read()
    lost.clear()
    moved = ExplanationDocument.from_explanation(
        bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, "big", "5")
    )
    assert moved.move == "Readout fidelity of qubit 5 fell from 0.980(2) to 0.610(2)"
    assert moved.no_cause_sentence.startswith("No cause found")
    last = read()
    found = bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, "big", "5")
    assert (found.move, found.causes) == (None, [])
    assert bench.qdash.get(EXPLANATIONS).explain_execution(ADMIN, last).groups == []


def test_flagged_results_of_a_deleted_chip_are_explained_without_their_values(make_lab: Any) -> None:
    values = iter([100.0, 2.0, 2.0])
    jumping = make_task(
        "Jumping",
        {"t1": Parameter(1.0, unit="us")},
        analyse=lambda _task, _raw: TaskOutput({"t1": Parameter(next(values), 0.1, "us")}),
        output_parameters={"t1": OutputParameter(unit="us", jump=0.5)},
    )
    bench = make_lab(also=(jumping,))
    bench.run("Jumping")
    flagged = bench.run("Jumping")
    assert flagged.outcome == "flagged"
    move = bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, CHIP, "0").move
    assert move is not None
    assert (move.before.value, move.after.value, move.shared) == (100.0, 2.0, None)
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    found = bench.qdash.get(EXPLANATIONS).explain_execution(ADMIN, flagged.execution_id)
    assert [one.results[0].qid for one in found.groups] == ["0"]


def test_qubits_of_couplings_that_were_not_measured_are_not_counted_as_examined(make_lab: Any) -> None:
    bench = make_lab()
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )
    session = bench.start_session(chip_id="big")
    session.run_plan(Plan([session.plan_task("Gate")], [["0-1", "0-2", "1-3", "2-3"]]))
    session.complete()
    found = bench.qdash.get(EXPLANATIONS).explain_execution(ADMIN, bench.get_last_execution().execution_id)
    assert [(one.resource, one.examined, len(one.results)) for one in found.groups] == [
        ("multiplexer 0", 4, 4)
    ]


def test_failures_of_other_targets_are_evidence(make_lab: Any, tmp_path: Path) -> None:
    rule = "{when: n_alike.mux == 2, weight: 4, text: Others began to fail.}"
    (tmp_path / "causes.yaml").write_text(
        f"causes: [{{id: lines-swapped, title: x, do: y, evidence: [{rule}]}}]"
    )
    (tmp_path / "Pulse.yaml").write_text(
        "measures: x\nevidence:\n  - {cause: lines-swapped, when: chip_change.angle == 1 and mux_change.angle == 1, weight: 2, text: The others are as before.}"
    )
    flat = {"3"}
    bench = make_lab(flat=flat)
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )

    def run(*tasks: str) -> dict[tuple[str, str], TaskResultModel]:
        session = bench.start_session(chip_id="big")
        plan = Plan([session.plan_task(name) for name in tasks], [[str(number) for number in range(10)]])
        session.run_plan(plan)
        execution_id = session.execution.execution_id
        session.complete()
        return {(one.name, one.qid): one for one in bench.list_results(execution_id)}

    run("Rabi", "Pulse")
    sleep(BETWEEN_RUNS_S)
    flat |= {"0", "1", "2"}
    results = run("Rabi", "Pulse")
    found = explain(bench, results["Rabi", "0"])
    assert [(one.id, one.partner, one.score) for one in found.causes] == [("lines-swapped", "1, 2", 4.0)]
    assert [found.features[f"{name}.mux"] for name in ("n_alike", "n_failed", "share_failed")] == [2, 2, 1]
    long_dead = explain(bench, results["Rabi", "3"])
    assert long_dead.causes == []
    assert {long_dead.features.get(f"{name}.mux", 0) for name in ("n_alike", "n_failed")} == {0}
    of_pulse = explain(bench, results["Pulse", "5"]).features
    assert (of_pulse["chip_change.angle"], of_pulse["mux_change.angle"]) == (1, 1)


def test_a_target_with_a_likely_cause_of_its_own_is_no_evidence(make_lab: Any, tmp_path: Path) -> None:
    (tmp_path / "Rabi.yaml").write_text(
        """
measures: An oscillation.
evidence:
  - {cause: line-dead, when: contrast < 0.1 and contrast > 0.01, weight: 4, text: It does not respond.}
  - {cause: readout-poor, when: contrast < 0.01, weight: 6, text: There is no signal.}
"""
    )
    flat: set[str] = set()
    bench = make_lab(flat=flat)
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )

    def run() -> dict[str, TaskResultModel]:
        session = bench.start_session(chip_id="big")
        session.run_plan(Plan([session.plan_task("Rabi")], [["0", "1", "2"]]))
        execution_id = session.execution.execution_id
        session.complete()
        return {one.qid: one for one in bench.list_results(execution_id)}

    before = run()
    sleep(BETWEEN_RUNS_S)
    flat |= {"0", "1", "no signal on 2"}
    results = run()
    found = explain(bench, results["0"])
    assert (found.features["n_failed.mux"], found.features["n_alike.mux"]) == (1, 1)
    assert found.features["share_failed.mux"] == 1
    assert (found.began_after, found.began_by) == (before["0"].start_at, results["0"].start_at)
    assert (
        found.write_onset(lambda moment: f"{moment:%H:%M}") == f"last accepted {before['0'].start_at:%H:%M}"
    )


def test_a_failure_that_the_known_causes_do_not_explain_has_an_unknown_one(
    make_lab: Any, tmp_path: Path
) -> None:
    rule = "{cause: line-dead, when: contrast < 0.1, weight: 1, text: It does not respond.}"
    (tmp_path / "Rabi.yaml").write_text(f"measures: x\nevidence: [{rule}]")
    bench = make_lab()
    found = explain(bench, bench.run("Rabi"))
    assert [one.id for one in found.causes] == ["line-dead"]
    assert found.no_cause > found.causes[0].probability
    assert (
        found.unknown_sentence
        == f"Unknown cause: {100 * found.no_cause:.0f} %. The known causes do not explain the evidence well."
    )


def test_rules_know_whether_a_chip_has_multiplexers(make_lab: Any) -> None:
    bench = make_lab()
    bench.qdash.get(CHIPS).create(
        ADMIN, "plain", make_topology("device", ["0", "1"], ["0-1"]), backend="bench"
    )
    found = []
    for chip_id in (CHIP, "plain"):
        session = bench.start_session(chip_id=chip_id)
        session.run_plan(Plan([session.plan_task("Rabi")], [["0"]]))
        session.complete()
        explained = bench.qdash.get(EXPLANATIONS).explain_target(ADMIN, chip_id, "0")
        found.append(explained.features["multiplexed"])
    assert found == [1, 0]


def test_evidence_from_before_the_last_success_does_not_count(make_lab: Any) -> None:
    flat: set[str] = set()
    bench = make_lab(flat=flat)
    bench.run("Readout")
    bench.run("Rabi")
    flat.add("0")
    found = explain(bench, bench.run("Rabi"))
    assert found.considered == []
    assert found.features["hours_since_success"] >= 0
    assert found.features["failures_before"] == 0


def test_decisions_of_users_override_verdicts(make_lab: Any) -> None:
    fits = iter([1.0, 99.0, 99.0])
    output = {"rabi_frequency": Parameter(10.0, 0.1, "MHz")}
    bench = make_lab(
        flat=set(), postprocess=lambda *_: TaskOutput(output, quality={"reduced_chi2": next(fits)})
    )
    accepted, flagged, newest = [bench.run("Rabi") for _ in range(3)]
    readout = bench.run("Readout")

    explain_target = bench.qdash.get(EXPLANATIONS).explain_target
    bench.qdash.get(VALUES).reject(ADMIN, accepted.task_id, reason="wrong line")
    assert "hours_since_success" not in explain(bench, newest).features
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    assert "hours_since_success" in explain(bench, newest).features
    found = explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == newest.task_id
    bench.qdash.get(VALUES).accept(ADMIN, newest.task_id)
    found = explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == readout.task_id


def test_refits_and_other_value_scopes_are_no_history(make_lab: Any) -> None:
    bench = make_lab(flat=set())
    in_scope = bench.run("Rabi", scope="night")
    bench.qdash.get(RESULTS).refit(ADMIN, in_scope.task_id)
    first = explain(bench, bench.run("Rabi")).features
    assert first["results_before"] == 0
    assert "hours_since_success" not in first
    refit = bench.qdash.get(RESULTS).refit(ADMIN, bench.run("Rabi", "1").task_id)
    bench.qdash.get(VALUES).reject(ADMIN, refit.refit_of or "", reason="wrong line")
    found = explain(bench, bench.run("Rabi", "1")).features
    assert found["results_before"] == 1
    assert "hours_since_success" not in found


def test_a_coupling_is_explained_by_its_qubits_too(make_lab: Any, tmp_path: Path) -> None:
    rule = (
        "{cause: line-dead, when: failed == 1 and failed.Rabi == 1, weight: 2, text: No gate., on: control}"
    )
    (tmp_path / "Gate.yaml").write_text(f"measures: x\nevidence: [{rule}]")
    bench = make_lab(flat={"3"})
    on_qubits = [bench.run("Rabi", qid) for qid in ("2", "3")]
    found = explain(bench, bench.run("Gate", "2-3"))
    assert {one.task_id for one in found.considered} == {one.task_id for one in on_qubits}
    assert [(one.id, one.target, one.score) for one in found.causes] == [
        ("line-dead", "3", 5.0),
        ("readout-poor", "3", 2.0),
    ]
    assert found.causes[0].command == "qdash task run Gate --chip chip --qid 3"
    written = [one.write("Gate") for one in found.causes[0].evidence_for]
    assert written == ["Rabi: The contrast is 0.02 on 3.", "No gate."]


def test_the_trace_of_the_last_accepted_result_is_evidence(make_lab: Any, tmp_path: Path) -> None:
    rule = "{cause: line-dead, when: contrast < before.contrast / 10, weight: 4, text: It fell.}"
    (tmp_path / "Rabi.yaml").write_text(f"measures: x\nevidence: [{rule}]")
    flat: set[str] = set()
    bench = make_lab(flat=flat)
    before = bench.run("Rabi")
    flat.add("0")
    failed = bench.run("Rabi")
    (cause,) = explain(bench, failed).causes
    assert [one.id for one in cause.evidence_for[0].sources] == [failed.task_id, before.task_id]


def test_a_change_of_an_input_by_a_user_is_evidence(make_lab: Any) -> None:
    bench = make_lab(flat=set())
    bench.run("Rabi")
    bench.run("Pulse")
    values = {"rabi_frequency": Parameter(3.0, None, "MHz")}
    event = bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", values, reason="a guess")
    found = explain(bench, bench.run("Pulse"))
    (cause,) = found.causes
    assert (cause.id, cause.command) == ("value-changed-by-user", f"qdash values show {event.number}")
    (evidence,) = cause.evidence_for
    assert "has not succeeded since" in evidence.text
    assert ("value-change", f"{CHIP}/{event.number}") in [(str(one.kind), one.id) for one in evidence.sources]


def test_a_refit_is_explained_at_the_time_of_its_measurement(make_lab: Any) -> None:
    frequencies = iter([10.0, 3.0])
    bench = make_lab(
        flat=set(),
        postprocess=lambda *_: TaskOutput({"rabi_frequency": Parameter(next(frequencies), 0.1, "MHz")}),
    )
    for name in ("Rabi", "Pulse", "Rabi"):
        bench.run(name)
    failed = bench.run("Pulse")
    readout = bench.run("Readout")
    values = {"rabi_frequency": Parameter(10.0, None, "MHz")}
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", values, reason="after the measurement")
    refit = bench.qdash.get(RESULTS).refit(ADMIN, failed.task_id)
    of_original, of_refit = explain(bench, failed), explain(bench, refit)
    assert of_refit.causes == []
    assert of_refit.features == of_original.features
    assert readout.task_id not in [one.task_id for one in of_refit.considered]


def test_notes_and_issues_about_the_target_are_listed_and_their_words_count_a_little(make_lab: Any) -> None:
    bench = make_lab()
    failed = bench.run("Rabi")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "moved a <b>cable</b>")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "1", CHIP), "another cable")
    issue = bench.qdash.get(ISSUES).open(ADMIN, "Qubit 0 is quiet", chip_id=CHIP, targets=["0"])
    found = explain(bench, failed)
    assert [(one.source and str(one.source.kind), one.text) for one in found.related] == [
        ("issue", ""),
        ("note", "moved a <b>cable</b>"),
    ]
    assert found.related[0].source
    assert found.related[0].source.id == issue.issue.issue_id
    hint = found.causes[0].evidence_for[-1]
    assert (hint.text, hint.weight) == ("The word 'cable' is in: note on qubit 0.", 0.7)
    assert [str(one.kind) for one in hint.sources] == ["note"]


@pytest.mark.parametrize(
    ("broken", "remark"),
    [
        ({"features": classmethod(make_raising(ZeroDivisionError("x")))}, "Rabi.features failed: ZeroDivisionError"),
        ({"features": classmethod(lambda *_: {"other": 1.0})}, "returns other, which feature_parameters does not have"),
        ({"features": classmethod(lambda *_: {"contrast": "high"})}, "returns 'high' for contrast, not a number"),
    ],
)  # fmt: skip
def test_broken_features_are_a_remark(make_lab: Any, broken: dict[str, Any], remark: str) -> None:
    bench = make_lab(**broken)
    found = explain(bench, bench.run("Rabi"))
    assert [one.id for one in found.causes] == ["readout-poor"]
    assert len(found.remarks) == 1
    assert remark in found.remarks[0]


def test_features_may_be_numpy_numbers(make_lab: Any) -> None:
    bench = make_lab(features=classmethod(lambda *_: {"contrast": np.float32(0.5)}))
    found = explain(bench, bench.run("Rabi"))
    assert (found.features["contrast"], found.remarks) == (0.5, [])


@pytest.mark.parametrize(
    "compute", [lambda raw: (raw["signal"] * 1e308 * 1e9).max(), lambda _: 10**400], ids=["float", "whole"]
)
def test_features_beyond_the_range_of_numbers_are_left_out_without_a_warning(
    make_lab: Any, compute: Callable[[Any], Any]
) -> None:
    bench = make_lab(features=classmethod(lambda _cls, raw, _output: {"contrast": compute(raw)}))
    found = explain(bench, bench.run("Rabi"))
    assert "contrast" not in found.features
    assert found.remarks == []


def test_missing_raw_data_and_broken_files_are_remarks(make_lab: Any, tmp_path: Path) -> None:
    bench = make_lab()
    (tmp_path / "Readout.yaml").write_text(
        "measures: x\nevidence: [{cause: nothing, when: failed == 1, weight: 1, text: t}]"
    )
    (tmp_path / "Gate.yaml").write_text("- x")
    bench.run("Readout", "2")
    failed = bench.run("Gate", "2-3")
    on_another = bench.run("Rabi")
    for file in tmp_path.rglob("*.npz"):
        file.unlink()
    of_gate, of_readout, of_raw = explain(bench, failed).remarks
    assert "Gate.yaml, the text on task Gate" in of_gate
    assert of_readout == "the evidence of task Readout names causes that no causes.yaml declares: nothing"
    assert "no longer there" in of_raw
    (remark,) = explain(bench, on_another).remarks
    assert "no longer there" in remark


def test_causes_with_a_deep_condition_are_a_remark(make_lab: Any, tmp_path: Path) -> None:
    bench = make_lab()
    deep = f"{{when: '{'-' * 490}a', weight: 1, text: t}}"
    (tmp_path / "causes.yaml").write_text(f"causes: [{{id: deep, title: t, do: d, evidence: [{deep}]}}]")
    remarks = explain(bench, bench.run("Rabi")).remarks
    assert any("a condition has more than 50 levels" in one for one in remarks)


@pytest.mark.parametrize(
    ("measure", "cause"),
    [
        (make_raising(ZeroDivisionError("x")), "task-error"),
        (make_raising(BackendError("the rack does not answer")), "backend-error"),
    ],
)
def test_failures_of_code_and_hardware_are_told_from_the_record(
    make_lab: Any, measure: Any, cause: str
) -> None:
    bench = make_lab(run=measure)
    found = explain(bench, bench.run("Rabi"))
    assert found.causes[0].id == cause
    assert found.causes[0].probability > 0.9


def test_subjects_are_named_as_in_other_commands(make_lab: Any) -> None:
    bench = make_lab()
    failed = bench.run("Rabi")
    explain_one = bench.qdash.get(EXPLANATIONS).explain
    bench.add_chip("other")
    for chip_id in (None, CHIP):
        of_execution = explain_one(ADMIN, "last", chip_id)
        assert isinstance(of_execution, ExecutionExplanation)
        assert of_execution.execution_id == failed.execution_id
        of_result = explain_one(ADMIN, failed.task_id[:12], chip_id)
        assert isinstance(of_result, Explanation)
        assert of_result.result is not None
        assert of_result.result.task_id == failed.task_id
    of_target = explain_one(ADMIN, "Q03", "other")
    assert (of_target.chip_id, make_explanation_document(of_target).as_json()["target"]) == ("other", "3")
    with pytest.raises(
        InvalidInputError, match=rf"^3 is a qubit or coupling: name its chip \({CHIP}, other\)$"
    ):
        explain_one(ADMIN, "3")


def test_results_of_another_project_are_not_found(make_lab: Any) -> None:
    bench = make_lab()
    failed = bench.run("Rabi")
    bench.add_project("second")
    other = access_of("admin", "second")
    explanations = bench.qdash.get(EXPLANATIONS)
    for explain_one, names in (
        (explanations.explain_result, [failed.task_id]),
        (explanations.explain_target, [CHIP, "0"]),
        (explanations.explain_execution, [failed.execution_id]),
    ):
        with pytest.raises(NotFoundError):
            explain_one(other, *names)


def test_an_old_failure_is_left_out_once_a_task_that_uses_its_values_was_accepted(
    make_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat: set[str] = set()
    bench = make_lab(flat=flat)
    bench.run("Rabi")
    flat.add("0")
    failed = bench.run("Rabi")
    accepted = bench.run("Pulse")
    explain_target = bench.qdash.get(EXPLANATIONS).explain_target
    found = explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == failed.task_id
    assert "before the newest result; accepted on the target since: Pulse" in found.remarks[0]
    monkeypatch.setattr(failure_age, "_CURRENT", timedelta())
    found = explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == accepted.task_id
    assert "Pulse, which uses its values, was accepted since" in found.remarks[0]


def test_a_later_cooldown_hides_the_failures_of_an_earlier_one_and_no_others(make_lab: Any) -> None:
    bench = make_lab()
    qdash = bench.qdash
    qdash.get(CRYOSTATS).create(ADMIN, "K")
    failed = bench.run("Rabi")
    qdash.get(COOLDOWNS).create(ADMIN, "1", "K", chip_ids=[CHIP])
    bench.run("Readout")
    found = qdash.get(EXPLANATIONS).explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == failed.task_id
    bench.run("Rabi")
    qdash.get(COOLDOWNS).end(ADMIN, "1")
    qdash.get(COOLDOWNS).create(ADMIN, "2", "K", chip_ids=[CHIP])
    readout = bench.run("Readout")
    found = qdash.get(EXPLANATIONS).explain_target(ADMIN, CHIP, "0")
    assert (found.result and found.result.task_id) == readout.task_id
    assert "the chip was cooled down again since" in found.remarks[0]
