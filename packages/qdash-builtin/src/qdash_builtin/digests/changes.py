"""Changes of the values and statuses of a chip for a digest, as pure functions."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_builtin.digests.digest import MetricProgress, MovedParameter, SpecificationChange, StaleValue
from qdash_builtin.metrics.specification import counts_as_within
from qdash_core.models.marks import Mark
from qdash_core.models.targets import TARGET_KINDS, by_number, get_target_kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.chip_state import ChipState
    from qdash_builtin.comparisons.comparison import ComparedValue, PointComparison
    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.judgement import Fitness
    from qdash_core.models.targets import TargetKind


def list_progress(
    before: ChipState,
    after: ChipState,
    file: MetricsFile,
    flagged: Mapping[tuple[str, str], ParameterModel] = MappingProxyType({}),
    *,
    unfit_before: Collection[str] = (),
    unfit: Collection[str] = (),
) -> list[MetricProgress]:
    """Return yield and median of the main metrics of a chip in two states: those of the table of the metrics file that have a better direction and values.

    Parameters
    ----------
    flagged : mapping of (str, str) to ParameterModel
        Flagged values that were measured in between and await a decision, by target and parameter.
    unfit_before, unfit : collection of str
        Unfit targets of the states, whose values in use are not within specification.
    """
    found = []
    for kind in TARGET_KINDS:
        metrics, names = file.get_metrics(kind), _list_main_metrics(file, kind)
        for name in names:
            values, former = _collect(after, kind, name), _collect(before, kind, name)
            new = {qid: one for qid, one in values.items() if _is_new(one, before.at)}
            new |= {
                qid: one
                for (qid, parameter), one in flagged.items()
                if parameter == name and get_target_kind(qid) == kind
            }
            if values or former or new:
                targets = sum(("-" in qid) == (kind == "coupling") for qid in after.targets)
                found.append(
                    replace(
                        _make_progress(kind, name, metrics[name], targets, values, former, new),
                        within=_count_within(values, metrics[name], unfit),
                        within_before=_count_within(former, metrics[name], unfit_before),
                    )
                )
    return found


def _list_main_metrics(file: MetricsFile, kind: TargetKind) -> list[str]:
    named = file.table.qubit if kind == "qubit" else file.table.coupling
    metrics = file.get_metrics(kind)
    rated = [name for name in named if name in metrics and metrics[name].evaluation.mode != "none"]
    return rated or [name for name, one in metrics.items() if one.has_specification]


def _collect(state: ChipState, kind: TargetKind, name: str) -> dict[str, ParameterModel]:
    return {
        qid: one.data[name]
        for qid, one in state.targets.items()
        if ("-" in qid) == (kind == "coupling") and name in one.data
    }


def _make_progress(
    kind: TargetKind,
    name: str,
    metric: Metric,
    targets: int,
    values: Mapping[str, ParameterModel],
    former: Mapping[str, ParameterModel],
    new: Mapping[str, ParameterModel],
) -> MetricProgress:
    return MetricProgress(
        kind=kind,
        name=name,
        metric=metric,
        unit=next(iter((*values.values(), *former.values(), *new.values()))).unit,
        targets=targets,
        n=len(values),
        n_before=len(former),
        n_new=len(new),
        within_new=_count_within(new, metric),
        median_new=_find_median(new),
        within=None,
        within_before=None,
        median=_find_median(values),
        median_before=_find_median(former),
    )


def _is_new(value: ParameterModel, since: datetime | None) -> bool:
    return since is not None and value.calibrated_at is not None and value.calibrated_at > since


def _count_within(
    values: Mapping[str, ParameterModel], metric: Metric, unfit: Collection[str] = ()
) -> int | None:
    if not metric.has_specification:
        return None
    return sum(metric.is_within(float(one.value)) for qid, one in values.items() if qid not in unfit)


def _find_median(values: Mapping[str, ParameterModel]) -> float | None:
    return median(float(one.value) for one in values.values()) if values else None


def add_disputed_values(state: ChipState, disputed: Mapping[tuple[str, str], ParameterModel]) -> ChipState:
    """Return a state with the flagged values that awaited a decision then, which were measured last, instead of those in use."""
    targets = dict(state.targets)
    for (qid, name), value in disputed.items():
        targets[qid] = replace(targets[qid], data={**targets[qid].data, name: value})
    return replace(state, targets=targets)


def select_targets(state: ChipState, targets: Collection[str]) -> ChipState:
    """Return a state with some targets."""
    return replace(state, targets={qid: one for qid, one in state.targets.items() if qid in targets})


def list_moved(
    compared: PointComparison, file: MetricsFile, disputed: PointComparison | None = None
) -> list[MovedParameter]:
    """Return the parameters with moved values.

    A value that was measured before, flagged then and accepted since is no news. Main metrics come first; among equals, parameters with a
    shared change, then those that worsened on more targets than improved.

    Parameters
    ----------
    disputed : PointComparison or None
        The comparison with the flagged values that were measured last, for the targets that had any: a value must have moved in both.
    """
    by_parameter: dict[tuple[TargetKind, str], list[ComparedValue]] = {}
    known = (
        set() if disputed is None else {(one.change.target, one.change.parameter) for one in disputed.moved}
    )
    for one in compared.moved:
        target, name = one.change.target, one.change.parameter
        if disputed is None or target not in disputed.before.targets or (target, name) in known:
            by_parameter.setdefault((get_target_kind(target), name), []).append(one)
    found = [_make_moved(kind, name, values, compared, file) for (kind, name), values in by_parameter.items()]
    main = {name for kind in TARGET_KINDS for name in _list_main_metrics(file, kind)}
    return sorted(found, key=lambda one: _rank(one, main))


def _rank(moved: MovedParameter, main: Collection[str]) -> tuple[bool, bool, int, float]:
    """Return the sort key of a moved parameter: main metrics first, shared changes, more that worsened than improved, the largest change."""
    largest = max(one.change.sigmas or 0.0 for one in moved.values)
    return moved.name not in main, not moved.shared, len(moved.improved) - len(moved.worsened), -largest


def _make_moved(
    kind: TargetKind, name: str, values: Sequence[ComparedValue], compared: PointComparison, file: MetricsFile
) -> MovedParameter:
    targets = {one.change.target for one in values}
    return MovedParameter(
        kind=kind,
        name=name,
        metric=file.get_metrics(kind).get(name),
        worsened=[one for one in values if one.improved is False],
        improved=[one for one in values if one.improved is True],
        neutral=[one for one in values if one.improved is None],
        shared=[
            one
            for one in compared.shared
            if one.parameter == name and not targets.isdisjoint(one.resource.affected)
        ],
    )


def count_fitness(judgement: Judgement) -> dict[TargetKind, Mapping[Fitness, int]]:
    """Return the number of qubits, and of couplings, by fitness."""
    return {kind: judgement.select_kind(kind).count_fitness() for kind in TARGET_KINDS}


def list_stale(judgement: Judgement, state: ChipState) -> list[StaleValue]:
    """Return the values of a state in use that are too old or whose inputs, settings or sets changed, each once, without those of targets that users have set aside."""
    found = []
    for qid, name, value in judgement.iter_considered():
        marks = {one.mark for one in value.marks} if value.trust.in_use else set()
        if any(one.is_stale for one in marks):
            is_old = Mark.TOO_OLD in marks
            is_moved, task_id = (
                not is_old and Mark.INPUTS_MOVED in marks,
                state.targets[qid].data[name].task_id,
            )
            found.append(StaleValue(qid, name, is_old, is_moved, task_id))
    return found


def select_essential(stale: Iterable[StaleValue], file: MetricsFile) -> list[StaleValue]:
    """Return the stale values that gates need."""
    return [one for one in stale if one.parameter in file.list_essential(get_target_kind(one.target))]


def list_specification_changes(
    before: ChipState, after: ChipState, file: MetricsFile, scatter: UsualScatter, *, left: bool
) -> list[SpecificationChange]:
    """Return the metrics with values that left their specification (`left`), or else those that meet it again, most values first.

    A value that hovers about its limit within its usual scatter does neither, nor one that is measured for the first time. Targets that a user
    has set aside are left out.
    """
    found = []
    for kind in TARGET_KINDS:
        for name, metric in file.get_metrics(kind).items():
            former = _collect(before, kind, name)
            values = {
                qid: one
                for qid, one in _collect(after, kind, name).items()
                if metric.has_specification
                and not _is_set_aside(after, qid)
                and qid in former
                and former[qid] != one
                and counts_as_within(metric, qid, name, one, scatter) != left
                and counts_as_within(metric, qid, name, former[qid], scatter) == left
            }
            if values:
                ordered = sorted(values, key=lambda qid: (_get_merit(metric, values[qid]), by_number(qid)))
                found.append(SpecificationChange(kind, name, metric, {qid: values[qid] for qid in ordered}))
    return sorted(found, key=lambda one: -len(one.values))


def _is_set_aside(state: ChipState, qid: str) -> bool:
    status = state.targets[qid].status
    return status is not None and status.set_aside


def _get_merit(metric: Metric, value: ParameterModel) -> float:
    merit = metric.compute_merit(float(value.value))
    return 0.0 if merit is None else merit
