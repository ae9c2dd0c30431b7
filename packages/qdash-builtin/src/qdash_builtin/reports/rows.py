"""Rows of the tables of a report as texts, the same in all formats."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.reports.changes import describe_difference
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.judgement import Fitness
from qdash_core.models.marks import Mark
from qdash_core.models.quantities import format_count, format_quantity, use_minus_sign, use_unit_symbols
from qdash_core.models.simulated_time import LABEL
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.models.task import describe_outcomes
from qdash_core.models.times import format_duration, format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.comparison import ComparedValue
    from qdash_builtin.comparisons.judgement_changes import JudgementChange
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.reports.report import Report
    from qdash_builtin.values.value_change import StatusChange
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.chip_values import KnownValue
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import TaskResultModel

_MOST_CHANGES = 100
"""Number of changed values that are listed; others are counted."""


class MeasuredValue(NamedTuple):
    """Value of a target, with how it was measured: the cells of a row."""

    name: str
    value: str
    task: str = ""
    execution: str = ""
    at: str = ""
    by: str = ""
    settings: str = ""
    """Run parameters and options of the analysis."""
    inputs: str = ""
    """Inputs with the values that were used."""
    software: str = ""
    """Letter of the software of the run, or empty if it was not recorded."""
    notes: str = ""
    """Kind and author of a refit or a user's analysis, the verdict if it is not used, and the marks."""


class ReportRows:
    """Rows of the tables of a report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._software: dict[tuple[tuple[str, str], ...], str] = {}

    def list_facts(self) -> list[tuple[str, str]]:
        """Return the facts of the header: name and text."""
        report, header = self._report, self._report.contents.chip.header
        simulated = report.simulated_time
        facts = [] if simulated is None else [(LABEL, self._format_time(simulated))]
        facts += [
            (
                "Chip",
                f"{header.chip_id}: {header.size} qubits, {len(report.contents.chip.couplings)} couplings, {header.topology_id}",
            ),
            ("Backend", header.backend),
        ]
        if header.current_cooldown_id:
            facts.append(("Cool-down", header.current_cooldown_id))
        release = report.contents.release
        if release is not None:
            facts.append(
                (
                    "Release",
                    f"{release.name}, by {release.username} at {self._format_time(release.created_at)}",
                )
            )
            facts += [("Note", release.note)] if release.note else []
        elif header.note.content:
            facts.append(("Note", header.note.content))
        facts.append(
            ("Report", f"by {report.made_by} at {self._format_time(report.made_at)} ({report.zone})")
        )
        versions = ", ".join(f"{name} {version}" for name, version in report.software.items())
        return [*facts, ("Software of the report", versions)]

    def list_summary(self) -> list[tuple[str, str]]:
        """Return the summary: name and text."""
        return [*self._iter_run(), *(row for kind in TARGET_KINDS for row in self._iter_targets(kind))]

    def _iter_run(self) -> Iterator[tuple[str, str]]:
        run = self._report.contents.run
        if run is None:
            return
        reason = f": {run.message}" if run.message else ""
        yield "Outcome", f"{run.status}{reason}"
        yield "Run", f"{run.name}, by {run.username}" + (f", tags {', '.join(run.tags)}" if run.tags else "")
        if run.start_at is not None:
            end = "" if run.end_at is None else f" to {self._format_time(run.end_at)}"
            yield "Time", f"{self._format_time(run.start_at)}{end}"
        if run.elapsed_time is not None:
            yield "Duration", format_duration(run.elapsed_time)
        if run.lab_seconds is not None:
            yield "Laboratory time", format_duration(run.lab_seconds)
        counts = Counter(
            self._report.contents.results[one].outcome_in_force for one in self._report.contents.shown
        )
        yield "Results", ", ".join(describe_outcomes(counts).values()) or "none"

    def _iter_targets(self, kind: TargetKind) -> Iterator[tuple[str, str]]:
        found = self._report.attention[kind]
        if not found.statuses:
            return
        plural = "Qubits" if kind == "qubit" else "Couplings"
        statuses = ", ".join(f"{number} {status}" for status, number in found.statuses.items())
        degraded = found.fitness.get(Fitness.DEGRADED)
        yield plural, f"{statuses}; {degraded} degraded" if degraded else statuses
        if trust := [f"{number} {one.words}" for one, number in found.trust.items()]:
            yield f"Trust of values of {plural.lower()}", ", ".join(trust)
        doubts = [f"{format_count(found.flagged, 'flagged result')} to review"] if found.flagged else []
        doubts += [f"{found.marks[mark]} {mark}" for mark in Mark if mark in found.marks]
        outside = sum(found.out_of_specification.values())
        doubts += [f"{outside} out of specification"] if outside else []
        if doubts:
            yield f"Values of {plural.lower()}", ", ".join(doubts)

    def list_yields(self, kind: TargetKind) -> list[tuple[str, ...]]:
        """Return metric, number of values, yield, median, best value and specification of each metric."""
        return [self._make_yield(one, kind) for one in self._report.summaries[kind]]

    def _make_yield(self, one: MetricSummary, kind: TargetKind) -> tuple[str, ...]:
        metric = self._report.contents.file.get_metrics(kind).get(one.name)
        best = one.best_target
        return (
            self.get_title(one.name, kind),
            f"{len(one.values)} of {one.targets}",
            "" if one.fraction_within is None else f"{100 * one.fraction_within:.0f} % ({one.within})",
            self._format_number(one.median, one, kind),
            "" if best is None else f"{self._format_number(one.values[best], one, kind)} ({kind} {best})",
            "" if metric is None else use_unit_symbols(metric.specification),
            ", ".join(f"{one.marks[mark]} {mark}" for mark in Mark if mark in one.marks),
        )

    def get_title(self, name: str, kind: TargetKind) -> str:
        """Return the title of a metric."""
        metric = self._report.contents.file.get_metrics(kind).get(name)
        return name if metric is None else metric.title

    def _format_number(self, value: float | None, one: MetricSummary, kind: TargetKind) -> str:
        if value is None:
            return ""
        metric = self._report.contents.file.get_metrics(kind).get(one.name)
        scale, unit = (1.0, one.unit) if metric is None else (metric.scale, metric.unit)
        return f"{use_minus_sign(f'{value * scale:.5g}')} {unit_symbol(unit)}".rstrip()

    def list_failures(self) -> list[tuple[str, ...]]:
        """Return target, status, task, reason and execution of each failure."""
        return [
            (one.target or "whole chip", one.status, one.task, use_unit_symbols(one.reason), one.execution_id)
            for one in self._report.failures
        ]

    def list_moved(self) -> list[tuple[str, ...]]:
        """Return target, parameter, former value, value, difference and shared resource of the values that moved.

        Main metrics come first, then the largest difference in combined errors; the list has a limited length.
        """
        comparison = self._report.changes.comparison
        if comparison is None:
            return []
        main = self._report.contents.main_metrics
        moved = sorted(comparison.moved, key=lambda one: one.change.parameter not in main)
        return [_make_moved(one) for one in moved[:_MOST_CHANGES]]

    def list_statuses(self) -> list[tuple[str, ...]]:
        """Return target, former status, status and shared resource of the targets whose status changed, then fitness of those where only fitness did."""
        comparison = self._report.changes.comparison
        if comparison is None:
            return []
        fitness = {one.target: one for one in comparison.judgements if not one.parameter}
        shared = {target: str(one.shared or "") for target, one in fitness.items()}
        statuses = {one.target: one for one in comparison.statuses}
        only_fitness = [one for target, one in fitness.items() if target not in statuses]
        changes: list[StatusChange | JudgementChange] = [*statuses.values(), *only_fitness]
        return [(one.target, str(one.before), str(one.after), shared.get(one.target, "")) for one in changes]

    def describe_changes(self) -> str:
        """Return the comparison with the previous state in one sentence."""
        changes = self._report.changes
        if changes.comparison is None:
            return f"No comparison: {changes.reason}."
        moved, found = len(changes.comparison.moved), changes.comparison
        new = sum(one.change.before is None for one in found.values)
        listed = f" ({_MOST_CHANGES} are listed)" if moved > _MOST_CHANGES else ""
        return (
            f"Since {changes.previous}: {format_count(moved, 'value')} moved beyond usual scatter{listed}, "
            f"{format_count(len(self.list_statuses()), 'target')} changed status or fitness, {format_count(new, 'value')} appeared, "
            f"{format_count(found.unchanged, 'value')} stayed equal."
        )

    def list_facts_by_heading(self) -> dict[str, list[tuple[str, ...]]]:
        """Return title, text, author, time and details of the facts of features below each heading."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for one in self._report.found.facts:
            row = (one.title, one.text, one.author, self._format_time(one.at), one.details)
            found.setdefault(one.heading, []).append(row)
        return found

    def list_measured(self) -> list[tuple[str, list[MeasuredValue]]]:
        """Return the values of each target, with how they were measured."""
        values = self._report.contents.values
        return [
            (target, [self._make_measured(name, known) for name, known in sorted(some.items())])
            for _, targets in values.iter_kinds()
            for target, some in targets.items()
        ]

    def list_software(self) -> list[tuple[str, str]]:
        """Return letter and versions of the software of the runs of the measured values; call it after `list_measured`."""
        return [
            (letter, ", ".join(f"{name} {version}" for name, version in versions))
            for versions, letter in self._software.items()
        ]

    def _make_measured(self, name: str, known: KnownValue) -> MeasuredValue:
        one = known.parameter
        value = format_quantity(one.value, one.error, one.unit)
        notes = [] if known.verdict == "accepted" else [f"{known.verdict}: {'; '.join(known.reasons)}"]
        notes += [f"{mark.mark}: {mark.reason}" for mark in known.marks]
        result = self._report.contents.results.get(one.task_id)
        if result is not None and result.refit_of is not None:
            notes.insert(0, f"{name_analysis(result.analysis_model)} by {result.username}")
        text = use_unit_symbols("; ".join(notes))
        at = "" if one.calibrated_at is None else self._format_time(one.calibrated_at)
        if result is None:
            return MeasuredValue(name, value, execution=one.execution_id, at=at, notes=text)
        return MeasuredValue(
            name,
            value,
            notes=text,
            task=result.name,
            execution=result.execution_id,
            at=at,
            by=result.measurement.username,
            settings=_format_settings(result),
            inputs=_format_inputs(result),
            software=self._find_software(result),
        )

    def _find_software(self, result: TaskResultModel) -> str:
        """Return the letter of the software of the run of a result; each set of versions has one."""
        execution = self._report.executions.get(result.execution_id)
        versions = None if execution is None else execution.find_software(result.start_at)
        if versions is None:
            return ""
        return self._software.setdefault(tuple(versions.items()), _make_letter(len(self._software)))

    def _format_time(self, when: datetime) -> str:
        return format_time(when, self._report.zone)[: len("2026-11-21 14:55:03")]


def _make_letter(number: int) -> str:
    """Return A, B, ..., Z, A2, B2, ..."""
    turn, place = divmod(number, 26)
    return f"{chr(ord('A') + place)}{turn + 1 if turn else ''}"


def _make_moved(one: ComparedValue) -> tuple[str, ...]:
    change = one.change
    return (
        change.target,
        change.parameter,
        _format_parameter(change.before),
        _format_parameter(change.after),
        describe_difference(one),
        "" if one.shared is None else str(one.shared),
    )


def _format_parameter(one: ParameterModel | None) -> str:
    return "" if one is None else format_quantity(one.value, one.error, one.unit)


def _format_settings(result: TaskResultModel) -> str:
    known = {name: one for name, one in result.run_parameters.items() if one.value is not None}
    known |= result.analysis_options
    return ", ".join(
        f"{name} {one.value}{f' {unit_symbol(one.unit)}' if one.unit else ''}" for name, one in known.items()
    )


def _format_inputs(result: TaskResultModel) -> str:
    return ", ".join(
        f"{name} {format_quantity(one.value, one.error, one.unit)}"
        for name, one in result.input_parameters.items()
    )


def list_signs(values: Mapping[str, KnownValue]) -> Sequence[Mark]:
    """Return the marks that a map of these values shows."""
    shown = {one.mark for known in values.values() for one in known.marks}
    return [mark for mark in Mark if mark in shown]
