"""Reports on a chip, an execution and a release: subjects, failures, changes, figures and origins of values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report import SubjectKind
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_builtin.reports.rows import ReportRows
from qdash_builtin.reports.service import ReportService
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.user_analyses import UserAnalysis
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NotFoundError, Parameter, ProjectRole, TaskOutput
from qdash_core.models.chip import TargetStatus

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_raising, make_task

if TYPE_CHECKING:
    from qdash_builtin.reports.report import Report

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

pytest.importorskip("qdash_pictures")  # the tests of the core run without it

NEXT = {"t1": Parameter(80.0, 1.0, "us")}
"""Estimate of the next measurement."""
T1 = make_task("T1", dict(NEXT), analyse=lambda _task, _raw: TaskOutput(dict(NEXT)))
BROKEN = make_task("Broken", {"qubit_frequency": Parameter(4.7, 1e-4, "GHz")}, analyse=lambda *_: 1 / 0)
WORSE = make_task("Worse", {"t2_echo": Parameter(1.0, None, "us")}, analyse=lambda *_: 1 / 0)
"""A task that measures no essential metric and fails."""


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    NEXT["t1"] = Parameter(80.0, 1.0, "us")
    return make_bench(T1, BROKEN, WORSE)


def report(bench: Bench, text: str = CHIP, *, figures: bool = True, chip_id: str | None = None) -> Report:
    subject = bench.qdash.get(REPORTS).resolve(ADMIN, text, chip_id=chip_id)
    return bench.qdash.get(REPORTS).make(ADMIN, subject, with_figures=figures)


def test_a_subject_is_a_chip_an_execution_or_a_release(bench: Bench) -> None:
    execution_id = bench.run("T1").execution_id
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    resolve = bench.qdash.get(REPORTS).resolve
    assert resolve(ADMIN, CHIP).kind is SubjectKind.CHIP
    for text in (execution_id, execution_id[:-1], "last", f"execution:{execution_id}"):
        found = resolve(ADMIN, text)
        assert (found.kind, found.name, found.chip_id) == (SubjectKind.EXECUTION, execution_id, CHIP)
    assert str(resolve(ADMIN, "release:friday")) == f"Release friday of chip {CHIP}"


def test_a_chip_comes_before_an_execution_of_the_same_name(bench: Bench) -> None:
    execution_id = bench.run("T1").execution_id
    bench.add_chip(execution_id)
    assert bench.qdash.get(REPORTS).resolve(ADMIN, execution_id).kind is SubjectKind.CHIP
    assert bench.qdash.get(REPORTS).resolve(ADMIN, f"chip:{execution_id}").kind is SubjectKind.CHIP
    assert bench.qdash.get(REPORTS).resolve(ADMIN, f"execution:{execution_id}").kind is SubjectKind.EXECUTION


def test_unknown_and_ambiguous_subjects_are_named(bench: Bench) -> None:
    resolve = bench.qdash.get(REPORTS).resolve
    with pytest.raises(NotFoundError, match=r"neither a chip nor an execution 'chipp'.*did you mean 'chip'"):
        resolve(ADMIN, "chipp")
    with pytest.raises(NotFoundError, match="no chip 'other'"):
        resolve(ADMIN, "chip:other")
    with pytest.raises(NotFoundError, match="has a release 'friday'"):
        resolve(ADMIN, "release:friday")
    with pytest.raises(InvalidInputError, match="--chip is for releases only"):
        resolve(ADMIN, CHIP, chip_id=CHIP)
    bench.add_chip("second")
    for chip_id in (CHIP, "second"):
        bench.run("T1", chip_id=chip_id)
        bench.qdash.get(RELEASES).create(ADMIN, chip_id, "friday")
    with pytest.raises(InvalidInputError, match=r"choose one of chip, second with --chip"):
        resolve(ADMIN, "release:friday")
    assert resolve(ADMIN, "release:friday", chip_id="second").chip_id == "second"


@pytest.mark.every_store
def test_a_report_on_a_chip_has_values_figures_and_failed_targets(make_bench: MakeBench) -> None:
    bench = make_bench(T1, BROKEN)
    for qid in ("0", "1", "2"):
        bench.run("T1", qid)
    bench.run("Broken", "2")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.DEAD, "bond")
    found = report(bench)
    (summary,) = found.summaries["qubit"]
    assert (summary.name, len(summary.values), summary.targets) == ("t1", 3, 5)
    assert [(one.task, one.main, [*one.figures]) for one in found.figures] == [
        ("Broken", True, ["2"]),
        ("T1", True, ["0", "1", "2"]),
    ]
    assert found.n_figures == 4
    assert [(one.target, one.status) for one in found.failures] == [("2", "failed"), ("4", "dead")]
    assert "division by zero" in found.failures[0].reason
    assert [one.task for one in found.failures] == ["Broken", ""]
    assert found.failures[1].reason == "bond"
    assert [*found.distributions["qubit"]] == ["t1"]
    assert found.attention["qubit"].statuses[TargetStatus.DEAD] == 1


def test_accepted_figures_of_a_target_that_failed_later_are_marked(bench: Bench) -> None:
    for qid in ("0", "1"):
        bench.run("T1", qid)
    bench.run("Broken", "0")
    found = report(bench)
    figures = {one.task: one.figures for one in found.figures}
    assert figures["T1"]["0"].failed_since.startswith("failed since: ")
    assert "division by zero" in figures["T1"]["0"].failed_since
    assert figures["T1"]["1"].failed_since == figures["Broken"]["0"].failed_since == ""
    page = b"".join(render_report(found, ReportFormat.HTML)).decode()
    assert page.count("✗ failed since</i>") == 1
    assert "0 T1: accepted · ✗ failed since: " in page


def test_figures_measured_after_the_failure_are_not_marked(bench: Bench) -> None:
    bench.run("Broken", "0")
    bench.run("T1", "0")
    figures = {one.task: one.figures for one in report(bench).figures}
    assert figures["T1"]["0"].failed_since == ""


def test_the_best_value_has_its_target_in_words(bench: Bench) -> None:
    bench.run("T1", "1")
    (row,) = ReportRows(report(bench, figures=False)).list_yields("qubit")
    assert row[4].endswith(" (qubit 1)")


def test_a_distribution_that_cannot_be_drawn_has_the_reason_in_its_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for qid in ("0", "1"):
        bench.run("T1", qid)
    pictures = type(bench.qdash.registry.pictures())
    monkeypatch.setattr(pictures, "drawing", make_raising(ValueError("math domain error")))
    found = report(bench)
    assert found.distributions["qubit"]["t1"].svg is None
    page = b"".join(render_report(found, ReportFormat.HTML)).decode()
    assert page.count("<em>the drawing failed: ") == 3
    assert "math domain error" in page


def test_a_report_on_an_execution_has_its_results_only(bench: Bench) -> None:
    bench.run("T1", "0")
    session = bench.start_session(qids=["1", "2"])
    session.run_task("T1", "1")
    session.run_task("Broken", "2")
    session.complete()
    found = report(bench, "last")
    assert found.contents.targets.qubits == ("1", "2")
    assert {one.task: [*one.figures] for one in found.figures} == {"Broken": ["2"], "T1": ["1"]}
    assert [(one.target, one.task, one.status) for one in found.failures] == [("2", "Broken", "failed")]
    summary = dict(ReportRows(found).list_summary())
    assert summary["Outcome"] == "completed"
    assert summary["Results"] == "1 accepted, 1 failed"


@pytest.mark.every_store
def test_a_report_on_an_execution_has_the_statuses_at_its_end(make_bench: MakeBench) -> None:
    bench = make_bench(T1, BROKEN)
    session = bench.start_session(qids=["1", "2"])
    session.run_task("T1", "1")
    session.run_task("Broken", "2")
    session.complete()
    before = report(bench, "last")
    assert before.attention["qubit"].statuses == {TargetStatus.PENDING: 1, TargetStatus.FAILED: 1}
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.DEAD, "bond")
    after = report(bench, "last")
    assert after.contents.statuses == before.contents.statuses
    assert after.attention["qubit"].statuses == before.attention["qubit"].statuses
    assert "; dead</title>" not in b"".join(render_report(after, ReportFormat.HTML)).decode()
    assert report(bench).contents.statuses["1"] is TargetStatus.DEAD


def test_a_report_on_an_execution_omits_statuses_that_are_no_longer_known(bench: Bench) -> None:
    result = bench.run("T1", "1")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.DEAD, "bond")
    with bench.qdash.store.transaction() as transaction:
        transaction.delete("evidence_change", {"project_id": PROJECT, "chip_id": CHIP})
    found = report(bench, result.execution_id)
    assert "1" not in found.contents.statuses
    assert found.attention["qubit"].statuses == {}
    assert "Qubits" not in dict(ReportRows(found).list_summary())
    assert "status unknown" in b"".join(render_report(found, ReportFormat.HTML)).decode()


def test_a_report_on_a_release_has_its_values_and_the_changes_since_the_one_before(bench: Bench) -> None:
    bench.run("T1", "0")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "thursday")
    NEXT["t1"] = Parameter(40.0, 1.0, "us")
    bench.run("T1", "0")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    NEXT["t1"] = Parameter(60.0, 1.0, "us")
    bench.run("T1", "0")
    first, second = report(bench, "release:thursday"), report(bench, "release:friday")
    assert first.changes.reason == "it is the first release of the chip"
    assert second.changes.previous == "release thursday"
    assert second.contents.values.qubits["0"]["t1"].parameter.value == 40.0
    (row,) = ReportRows(second).list_moved()
    assert row[:2] == ("0", "t1")
    assert row[4].startswith("−40.0(14) µs")
    (task,) = second.figures
    assert task.figures["0"].changes
    assert task.figures["0"].result.task_id == second.contents.values.qubits["0"]["t1"].parameter.task_id


def test_a_report_on_an_execution_marks_the_results_that_changed_a_value(bench: Bench) -> None:
    bench.run("T1", "0")
    bench.run("T1", "1")
    NEXT["t1"] = Parameter(40.0, 1.0, "us")
    session = bench.start_session(qids=["0"])
    session.run_task("T1", "0")
    session.complete()
    found = report(bench, "last")
    assert found.changes.previous == "the start of the execution"
    assert found.figures[0].figures["0"].changes == ("t1 −40.0(14) µs (28.3σ)",)


def test_only_the_result_that_decided_a_failure_is_marked_with_it(bench: Bench) -> None:
    session = bench.start_session(qids=["2", "3"])
    for qid in ("2", "3"):
        session.run_task("Broken", qid)
        session.run_task("Worse", qid)
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "3", TargetStatus.DEAD, "bond")
    session.complete()
    found = report(bench, "last")
    changes = {(task.task, qid): one.changes for task in found.figures for qid, one in task.figures.items()}
    assert {key: some for key, some in changes.items() if some} == {
        ("Broken", "2"): ("was pending, is failed",)
    }
    assert len(changes) == 4


def test_a_result_that_was_rejected_after_the_execution_is_not_marked(make_bench: MakeBench) -> None:
    good = make_task("Good", {"qubit_frequency": Parameter(4.7, 1e-4, "GHz")})
    bench = make_bench(good)
    result = bench.run("Good", "2")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="two peaks")
    found = report(bench, "last")
    (status,) = [] if found.changes.comparison is None else found.changes.comparison.statuses
    assert (status.target, status.after) == ("2", TargetStatus.CALIBRATED)
    assert "is calibrated" not in "".join(found.figures[0].figures["2"].changes)


def test_a_report_on_a_chip_compares_with_yesterday_evening(bench: Bench) -> None:
    bench.run("T1", "0")
    assert report(bench).changes.reason.startswith("the chip was created later than yesterday 18:00")
    qdash = bench.qdash
    tomorrow = bench.qdash.get(CHIPS).show(ADMIN, CHIP).header.created_at + timedelta(days=2)
    later = ReportService(
        qdash,
        qdash.get(METRICS),
        qdash.get(COMPARISONS),
        qdash.get(EXECUTIONS),
        judgements=qdash.get(JUDGEMENTS),
        facts=qdash.facts,
        clock=lambda: tomorrow,
    )
    found = later.make(ADMIN, later.resolve(ADMIN, CHIP), with_figures=False)
    assert found.changes.previous == "yesterday 18:00"


def test_each_value_names_task_settings_inputs_and_software(bench: Bench) -> None:
    result = bench.run("T1", "0")
    rows = ReportRows(report(bench, figures=False))
    ((target, (value,)),) = rows.list_measured()
    assert (target, value.name, value.value) == ("0", "t1", "80.0(10) µs")
    assert (value.task, value.execution, value.by) == ("T1", result.execution_id, "admin")
    ((letter, versions),) = rows.list_software()
    assert value.software == letter
    assert "Python" in versions


def test_a_value_of_a_users_analysis_names_model_and_author_beside_those_of_the_measurement(
    bench: Bench,
) -> None:
    analysis = UserAnalysis({"t1": Parameter(70.0, 2.0, "us")}, "stretched exponential")
    alice = access_of("alice", role=ProjectRole.EDITOR)
    bench.qdash.get(RESULTS).record_analysis(alice, bench.run("T1", "0").task_id, analysis)
    ((_, (value,)),) = ReportRows(report(bench, figures=False)).list_measured()
    assert (value.value, value.task, value.by) == ("70(2) µs", "T1", "admin")
    assert value.notes == "analysis (stretched exponential) by alice"


def test_an_empty_chip_has_a_report(bench: Bench) -> None:
    found = report(bench)
    assert (found.figures, found.failures, found.summaries["qubit"]) == ([], [], [])


def test_reports_on_a_release_and_an_execution_have_the_judgement_of_their_time(bench: Bench) -> None:
    first = bench.run("T1", "0")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.qdash.get(VALUES).reject(ADMIN, first.task_id, reason="a jump")
    now, release, run = (
        report(bench, text, figures=False) for text in (CHIP, "release:friday", first.execution_id)
    )
    assert now.attention["qubit"].trust == {"withdrawn": 1}
    assert release.attention["qubit"].trust == run.attention["qubit"].trust == {"trusted": 1}
    assert sum(release.attention["qubit"].fitness.values()) == len(release.contents.chip.qubits)
    assert sum(run.attention["qubit"].fitness.values()) == 1


def test_the_outcome_of_a_figure_and_its_count_are_those_in_force(bench: Bench) -> None:
    result = bench.run("T1", "0")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="a <jump>")
    found = report(bench, result.execution_id)
    assert ("Results", "1 rejected") in ReportRows(found).list_summary()
    page = b"".join(render_report(found, ReportFormat.HTML)).decode()
    assert '<i class="rejected">✗</i>' in page
    assert "rejected by admin: a &lt;jump&gt;" in page


def test_changes_of_a_report_name_statuses_and_fitness_once(make_bench: MakeBench) -> None:
    bench = make_bench(T1, BROKEN)
    bench.run("T1", "0")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "before")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.DEAD, "open line")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "after")
    rows = ReportRows(report(bench, "release:after", figures=False))
    assert [one[0] for one in rows.list_statuses()].count("1") == 1
    assert ("1", "pending", "dead", "") in rows.list_statuses()
