"""Contexts of a chip, a target and a result, from the data of all services."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.contexts.context import ContextSubject
from qdash_builtin.contexts.feature import CONTEXTS
from qdash_builtin.contexts.service import ContextService
from qdash_builtin.contexts.views.context import ContextDocument
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.notes.feature import METRIC_NOTES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.user_analyses import UserAnalysis
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NotFoundError, Parameter, RawData, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.process.clock import utc_now
from qdash_core.tasks.parameters import ArrayDeclaration

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_task
from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from pathlib import Path

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

T1 = make_task(
    "T1",
    {"t1": Parameter(20.0, 0.5, "us")},
    measure=lambda *_: RawData({"delay": ([*map(float, range(200))], "us"), "signal": ([0.5] * 200, "a.u.")}),
    analyse=lambda *_: TaskOutput({"t1": Parameter(20.0, 0.5, "us")}, r2=0.99, quality={"reduced_chi2": 1.1}),
    arrays={"delay": ArrayDeclaration("us", "time between pulse and readout")},
)
"""A T1 below its specification."""
BROKEN = make_task("Broken", {"qubit_frequency": Parameter(4.7, 1e-4, "GHz")}, analyse=lambda *_: 1 / 0)
POOR = make_task(
    "Poor",
    {"t2_echo": Parameter(30.0, 1.0, "us")},
    analyse=lambda *_: TaskOutput({"t2_echo": Parameter(30.0, 1.0, "us")}, quality={"reduced_chi2": 100.0}),
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(T1, BROKEN, POOR)
    ask_limits(bench.qdash.store, CHIP)
    return bench


OPEN = "Issues that are not closed"


def list_facts(found: ContextDocument, heading: str) -> list[tuple[str, str | None]]:
    """Return title and text of the facts below a heading."""
    return [(one.title, one.text) for one in found.facts or () if one.heading == heading]


def show(bench: Bench, name: str = CHIP, target: str | None = None) -> ContextDocument:
    contexts = bench.qdash.get(CONTEXTS)
    return ContextDocument.from_context(contexts.make(ADMIN, contexts.resolve(ADMIN, name, target)))


def test_a_subject_is_a_chip_a_target_or_a_result(bench: Bench) -> None:
    result = bench.run("T1")
    resolve = bench.qdash.get(CONTEXTS).resolve
    assert resolve(ADMIN, CHIP) == ContextSubject(CHIP)
    assert resolve(ADMIN, CHIP, "Q00") == ContextSubject(CHIP, "0")
    of_result = ContextSubject(CHIP, "0", result.task_id)
    assert resolve(ADMIN, result.task_id) == resolve(ADMIN, result.task_id[:8]) == of_result


def test_unknown_subjects_are_named(bench: Bench) -> None:
    contexts = bench.qdash.get(CONTEXTS)
    with pytest.raises(NotFoundError, match=r"neither a chip nor a result 'chop'.*did you mean 'chip'"):
        contexts.resolve(ADMIN, "chop")
    with pytest.raises(InvalidInputError):
        contexts.resolve(ADMIN, CHIP, "x")
    for subject in (ContextSubject("other"), ContextSubject(CHIP, "9"), ContextSubject(CHIP, None, "none")):
        with pytest.raises(NotFoundError):
            contexts.make(ADMIN, subject)


@pytest.mark.every_store
def test_the_context_of_a_chip(bench: Bench) -> None:
    failed = bench.run("Broken", "2")
    for qid in "10":
        bench.run("T1", qid)
    flagged = bench.run("Poor", "1")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.DEAD, "bond")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "3", {"t1": Parameter(190.0, None, "us")}, reason="estimate")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.CHIP, CHIP), "fridge at 12 mK")
    found = show(bench)
    assert (found.kind, found.chip_id, found.target_id) == ("chip", CHIP, None)
    assert found.chip
    assert found.chip.statuses == {
        "qubit": {"pending": 3, "failed": 1, "dead": 1}, "coupling": {"pending": 4}
    }  # fmt: skip
    assert found.chip.flagged == 1
    assert [(one.target, one.status) for one in found.failed_targets or ()] == [
        ("2", "failed"),
        ("4", "dead"),
    ]
    assert [one.reason for one in found.failed_targets or ()][1] == "bond"
    (failure,) = found.failures or ()
    assert (failure.task, failure.target, failure.result) == (
        "Broken",
        "2",
        f"/task-results/{failed.task_id}",
    )
    assert "division by zero" in (failure.message or "")
    values = [(one.target, one.metric, one.value, one.error, one.out_of_spec) for one in found.values or ()]
    assert values == [
        ("0", "t1", 20.0, 0.5, True),
        ("1", "t1", 20.0, 0.5, True),
        ("3", "t1", 190.0, None, None),
    ]
    (statistics,) = found.statistics or ()
    assert (statistics.metric, statistics.n, statistics.targets, statistics.median) == ("t1", 3, 5, 20.0)
    assert [one.result for one in found.results or ()] == [f"/task-results/{flagged.task_id}"]
    assert list_facts(found, "Notes") == [
        (f"note on chip {CHIP}", "fridge at 12 mK"),
        ("note on qubit 4", "bond"),
    ]
    assert [(one.kind, one.reason, one.targets) for one in found.changes or ()] == [
        ("set", "estimate", ["3"])
    ]
    assert len(found.executions or ()) == 4
    assert found.figures is found.histories is found.omitted is None


def test_values_with_marks_come_first(bench: Bench) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(90.0, 1.0, "us")}, reason="estimate")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "1", {"t2_echo": Parameter(70.0, 1.0, "us")}, reason="estimate")
    flagged = bench.run("Poor", "1")
    first, second = show(bench).values or ()
    assert (first.target, first.metric, second.metric) == ("1", "t2_echo", "t1")
    (mark,) = first.marks or ()
    assert (mark.mark, mark.result) == ("disputed", f"/task-results/{flagged.task_id}")
    assert second.marks is None


@pytest.mark.every_store
def test_the_context_of_a_target(bench: Bench) -> None:
    results = [bench.run("T1"), bench.run("Broken"), bench.run("T1"), bench.run("Broken", "1")]
    bench.qdash.get(VALUES).reject(ADMIN, results[0].task_id, reason="two-level system")
    for place, text in (
        (NotePlace(NoteScope.QUBIT, "0", CHIP), "short last week"),
        (NotePlace(NoteScope.QUBIT, "1", CHIP), "of another qubit"),
        (NotePlace(NoteScope.TASK_RESULT, results[2].task_id), "after the warm-up"),
    ):
        bench.qdash.get(NOTES).edit(ADMIN, place, text)
    bench.qdash.get(METRIC_NOTES).edit(ADMIN, CHIP, "qubit", "0", "t1", "drifts")
    found = show(bench, CHIP, "0")
    assert (found.kind, found.target_id) == ("target", "0")
    assert found.target
    assert (found.target.status, found.target.link) == ("failed", f"/chips/{CHIP}/qubits/0")
    assert [one.metric for one in found.values or ()] == ["t1"]
    (history,) = found.histories or ()
    assert (history.metric, history.unit, history.total) == ("t1", "us", 2)
    assert [(one.outcome, one.in_use) for one in history.points] == [("accepted", True), ("rejected", None)]
    assert list_facts(found, "Notes") == [
        ("note on t1 of qubit 0", "drifts"),
        ("note on result T1 of 0", "after the warm-up"),
        ("note on qubit 0", "short last week"),
    ]
    assert [one.task for one in found.failures or ()] == ["Broken"]
    assert [one.task for one in found.results or ()] == ["T1", "Broken", "T1"]
    assert [(one.task, len(one.arrays)) for one in found.figures or ()] == [("Broken", 1), ("T1", 2)]
    assert [(one.kind, one.reason) for one in found.changes or ()] == [("rejected", "two-level system")]


@pytest.mark.every_store
def test_the_context_of_a_result(bench: Bench) -> None:
    earlier, result, later = bench.run("T1"), bench.run("T1"), bench.run("T1")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "newer note on the qubit")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.TASK_RESULT, result.task_id), "the pump was off")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "newest note")
    found = show(bench, result.task_id[:8])
    assert (found.kind, found.task_id) == ("result", result.task_id)
    assert found.result
    assert found.result.execution == f"/executions/{result.execution_id}"
    assert (found.result.status, found.result.verdict, found.result.r2) == ("completed", "accepted", 0.99)
    estimates = {
        name: (one.value, one.error, one.unit) for name, one in (found.result.estimates or {}).items()
    }
    assert estimates == {"t1": (20.0, 0.5, "us")}
    assert found.figures
    (figure,) = found.figures
    delay, signal = figure.arrays
    assert (delay.name, delay.unit, delay.shape, len(delay.values), delay.maximum) == (
        "delay",
        "us",
        [200],
        100,
        199,
    )
    assert len(signal.values) == 100
    assert (delay.description, signal.description) == ("time between pulse and readout", None)
    assert [text for _, text in list_facts(found, "Notes")] == ["the pump was off", "newest note"]
    assert [one.result for one in found.results or ()] == [
        f"/task-results/{one.task_id}" for one in (later, earlier)
    ]
    assert [one.total for one in found.histories or ()] == [3]


@pytest.mark.every_store
def test_open_issues_and_similar_closed_ones_of_a_failed_result(bench: Bench) -> None:
    former, failed = bench.run("Broken"), bench.run("Broken")
    issues = bench.qdash.get(ISSUES)
    closed = issues.open(ADMIN, "No line", task_id=former.task_id, body="flat").issue.issue_id
    issues.close(ADMIN, closed, comment="the amplifier was off")
    still = issues.open(ADMIN, "Again no line", task_id=failed.task_id).issue.issue_id
    for text in ("first", "second"):
        issues.comment(ADMIN, still, text)
    other = issues.open(ADMIN, "Another qubit", chip_id=CHIP, targets=["3"]).issue.issue_id
    found = show(bench, failed.task_id)
    issue, similar = found.facts or ()
    assert (issue.heading, issue.link, issue.title) == (OPEN, f"/issues/{still}", "Again no line")
    assert issue.details == f"open, on 0, result {failed.task_id}"
    first, second = (issue.text or "").split("\n\n")
    assert first.startswith("comment by admin, ")
    assert second.endswith(": second")
    assert [one.result for one in found.failures or ()] == [f"/task-results/{former.task_id}"]
    assert (similar.heading, similar.link) == ("Similar closed issues", f"/issues/{closed}")
    assert (similar.details or "").startswith("closed, on 0, ")
    assert "target: 0; task: Broken" in (similar.details or "")
    flat, closing = (similar.text or "").split("\n\n")
    assert (flat, closing.endswith(": the amplifier was off")) == ("flat", True)
    assert [one.link for one in show(bench, CHIP, "0").facts or ()] == [f"/issues/{still}"]
    assert [one.link for one in show(bench).facts or ()] == [f"/issues/{other}", f"/issues/{still}"]
    assert list_facts(show(bench, bench.run("T1").task_id), "Similar closed issues") == []


def test_a_result_stays_when_its_chip_is_deleted_or_replaced(bench: Bench) -> None:
    result = bench.run("T1")
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    for found in (show(bench, result.task_id), bench.add_chip(CHIP) or show(bench, result.task_id)):
        assert found.result
        assert found.result.estimates
        assert found.figures
        assert found.chip is found.target is found.values is found.facts is found.histories is None
    assert show(bench).failures is show(bench).executions is None


def test_missing_raw_data_are_a_reason_not_an_error(bench: Bench) -> None:
    result = bench.run("T1")
    (bench.qdash.settings.home / "artifacts" / result.raw_data_path[0]).unlink()
    assert (figures := show(bench, result.task_id).figures)
    assert figures[0].arrays == []
    assert "no longer there" in (figures[0].reason or "")


def test_a_list_is_limited_and_has_the_number_of_all_items(bench: Bench) -> None:
    session = bench.start_session()
    for _ in range(60):
        session.run_task("T1", "0")
    session.complete()
    context = bench.qdash.get(CONTEXTS).make_target_context(ADMIN, CHIP, "0")
    assert (len(context.results.items), context.results.total) == (50, 60)
    (history,) = ContextDocument.from_context(context).histories or ()
    assert (len(history.points), history.total) == (20, 60)


def test_changes_of_a_chip_are_those_of_the_last_month(bench: Bench) -> None:
    qdash = bench.qdash
    qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(190.0, None, "us")}, reason="estimate")
    later = ContextService(
        qdash.store,
        metrics=qdash.get(METRICS),
        targets=qdash.get(TARGETS),
        executions=qdash.get(EXECUTIONS),
        results=qdash.get(RESULTS),
        facts=qdash.facts,
        registry=qdash.registry,
        clock=lambda: utc_now() + timedelta(days=31),
    )
    assert qdash.get(CONTEXTS).make_chip_context(ADMIN, CHIP).changes.total == 1
    assert later.make_chip_context(ADMIN, CHIP).changes.total == 0
    assert later.make_target_context(ADMIN, CHIP, "0").changes.total == 1


def test_another_project_is_not_visible(bench: Bench) -> None:
    result = bench.run("T1")
    bench.add_project("other")
    stranger = access_of("admin", "other")
    for name, target in ((CHIP, None), (CHIP, "0"), (result.task_id, None)):
        with pytest.raises(NotFoundError):
            bench.qdash.get(CONTEXTS).make(
                stranger, bench.qdash.get(CONTEXTS).resolve(stranger, name, target)
            )
    with pytest.raises(NotFoundError):
        bench.qdash.get(CONTEXTS).make_result_context(stranger, result.task_id)


def test_a_users_analysis_is_named_with_its_author(bench: Bench) -> None:
    measured = bench.run("T1")
    analysis = UserAnalysis({"t1": Parameter(18.0, 0.4, "us")}, "two exponentials")
    recorded = bench.qdash.get(RESULTS).record_analysis(ADMIN, measured.task_id, analysis)
    of_analysis, of_target = show(bench, recorded.task_id), show(bench, CHIP, "0")
    assert of_analysis.result
    assert (of_analysis.result.analysis_model, of_analysis.result.author) == ("two exponentials", "admin")
    assert of_analysis.result.refit_of == f"/task-results/{measured.task_id}"
    named = "analysis (two exponentials) by admin"
    assert [one.remark for one in of_target.results or ()] == [named, None]
    (history,) = of_target.histories or ()
    assert [(one.value, one.remark) for one in history.points] == [(18.0, named), (20.0, None)]


def test_a_result_is_compared_with_other_targets_of_its_execution(bench: Bench) -> None:
    session = bench.start_session()
    _, _, good, bad = (
        session.run_task(name, qid)
        for name, qid in (("T1", "2"), ("Broken", "1"), ("T1", "0"), ("Broken", "0"))
    )
    session.complete()
    bench.run("Broken", "3")
    assert [(one.target, one.outcome) for one in show(bench, good.task_id).peers or ()] == [("2", "accepted")]
    assert [(one.target, one.outcome) for one in show(bench, bad.task_id).peers or ()] == [("1", "failed")]
    assert show(bench).peers is None


def test_the_author_of_a_task_explains_a_failed_result(
    make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("laboratory_tasks")
    module.__file__ = str(tmp_path / "laboratory_tasks.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    failures = "failures: [{title: Pump off, seen: noise, do: switch it on}]"
    for name in ("Broken", "T1"):
        (tmp_path / f"{name}.yaml").write_text(f"measures: A line.\n{failures}\n")
    tasks = (type(one.__name__, (one,), {"__module__": module.__name__}) for one in (BROKEN, T1, POOR))
    bench = make_bench(*tasks)
    failed = show(bench, bench.run("Broken").task_id)
    assert failed.measures == "A line."
    assert [(one.title, one.seen, one.do) for one in failed.typical_failures or ()] == [
        ("Pump off", "noise", "switch it on")
    ]
    accepted = show(bench, bench.run("T1").task_id)
    assert (accepted.measures, accepted.typical_failures) == ("A line.", None)
    assert show(bench, bench.run("Poor").task_id).measures is None
