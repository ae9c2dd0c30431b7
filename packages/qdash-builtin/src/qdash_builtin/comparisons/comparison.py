"""Comparison of two states of a chip, or of two chips, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.judgement_changes import compare_judgements
from qdash_builtin.comparisons.shared_resources import LEAST_SHARE_OF_CHIP, find_shared_resources
from qdash_builtin.metrics.judgement.samples import make_parameter_sample
from qdash_builtin.values.resources import ResourceKind
from qdash_builtin.values.value_change import StatusChange, ValueChange
from qdash_core.models.estimates import format_sigmas
from qdash_core.models.targets import by_number, get_target_kind
from qdash_core.repositories.chips import WITHOUT_DIRECTION
from qdash_core.values.accepted_values import is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.chip_state import ChipState, KnownTargetState
    from qdash_builtin.comparisons.judgement_changes import JudgementChange
    from qdash_builtin.comparisons.shared_resources import SharedResource
    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.judgement.level_switches import LevelSwitches
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_builtin.values.resources import Resource
    from qdash_core.models.chip import ParameterModel


_MOST_OPPOSITE = 0.1
"""Maximum number of values that moved in the opposite direction, relative to the others, with which a change is one-sided."""
_LEAST_SHARE_IF_ONE_SIDED = 0.5
"""Minimum share of the targets for a one-sided change of the whole chip: drift moves values in both directions."""
_LARGEST_CHANCE = 0.01
"""Maximum probability that independent drift moves as many values in one direction."""


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """Value that differs between two states.

    Parameters
    ----------
    moved : bool
        Whether it differs by more than its usual scatter in the time between both (see `UsualScatter.compare`) and by more than the tolerance
        of its metric. By-products of fits never do.
    improved : bool or None
        Whether a value that moved is better than before; None if it has not moved, or its metric has no better direction.
    shared : SharedResource or None
        Resource on which the parameter of other targets moved in the same direction.
    switches : LevelSwitches or None
        Levels of an unstable value that switches between two of them, if both values belong to these; else None.
    """

    change: ValueChange
    moved: bool
    improved: bool | None = None
    shared: SharedResource | None = None
    switches: LevelSwitches | None = None


@dataclass(frozen=True, slots=True)
class SharedChange:
    """Change of a parameter in one direction that several targets of one resource share.

    `sigmas` is the median of their differences in combined errors, negative if the parameter fell.
    """

    parameter: str
    rose: bool
    resource: SharedResource
    sigmas: float

    def __str__(self) -> str:
        affected, examined = self.resource.affected, self.resource.examined
        kind = "couplings" if "-" in affected[0] else "qubits"
        verb = "rose" if self.rose else "fell"
        of_chip = self.resource.resources[0].kind is ResourceKind.CHIP
        return (
            f"{self.parameter} {verb} on {len(affected)} of {examined} {kind} of {'the ' if of_chip else ''}{self.resource}, "
            f"median {format_sigmas(self.sigmas)}"
        )


@dataclass(frozen=True, slots=True)
class PointComparison:
    """Difference of two states of a chip, or of two chips.

    Parameters
    ----------
    values : tuple of ComparedValue
        Values that differ, the largest difference in combined errors first, then those without a known error, by target.
    statuses : tuple of StatusChange
        Statuses that differ; a status that is unknown in one state is not compared.
    judgements : tuple of JudgementChange
        Changes of fitness and of trust of what is judged in both states.
    directions : tuple of str
        Couplings with different directions. Only their values that do not depend on it are compared.
    designs : tuple of str
        Targets with different design values; none if these are unknown in one state.
    same_wiring : bool or None
        Whether the wiring is the same, or None if it is unknown in one state.
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    """

    before: ChipState
    after: ChipState
    values: tuple[ComparedValue, ...]
    statuses: tuple[StatusChange, ...]
    judgements: tuple[JudgementChange, ...]
    directions: tuple[str, ...]
    designs: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    shared: tuple[SharedChange, ...]
    unchanged: int
    same_wiring: bool | None = None
    simulated_time: datetime | None = None

    @property
    def moved(self) -> tuple[ComparedValue, ...]:
        """The values that moved."""
        return tuple(one for one in self.values if one.moved)

    @property
    def unstable(self) -> tuple[ComparedValue, ...]:
        """The values that switched between two known levels."""
        return tuple(one for one in self.values if one.switches is not None)


def compare_points(
    before: ChipState,
    after: ChipState,
    file: MetricsFile,
    resources: Mapping[Resource, Collection[str]],
    scatter: UsualScatter,
    *,
    targets: Collection[str] | None = None,
    names: Collection[str] | None = None,
    simulated_time: datetime | None = None,
) -> PointComparison:
    """Return the differences between two states, of chosen `targets` and parameters (`names`), or of all (None).

    Shared changes are sought among all targets, and kept if they affect a chosen one.
    """
    first, second = (_select(state, names) for state in (before, after))
    turned = {qid for qid in first if qid in second and first[qid].control != second[qid].control}
    for qid in turned:
        first[qid], second[qid] = (_keep_undirected(state[qid]) for state in (first, second))
    common = (
        {qid: first[qid] for qid in first if qid in second},
        {qid: second[qid] for qid in second if qid in first},
    )
    every = [*_iter_values(*common)]
    changes = [one for one in every if _describe(one.before) != _describe(one.after)]
    watched = sum(_is_watched(one, file) for one in changes)
    compared = [_judge(one, file, scatter, watched) for one in changes]
    shared = _find_shared_changes(compared, common, resources)
    chosen = {*first, *second} if targets is None else {*targets}
    values = [
        replace(one, shared=_find_of_value(one, shared)) for one in compared if one.change.target in chosen
    ]
    both = [qid for qid in common[0] if qid in chosen]
    knows_design = before.designs is not None and after.designs is not None
    judgements = compare_judgements(before.judgement, after.judgement, resources)
    return PointComparison(
        before,
        after,
        tuple(sorted(values, key=_rank)),
        tuple(_iter_statuses(both, *common)),
        tuple(
            one
            for one in judgements
            if one.target in chosen and (not one.parameter or names is None or one.parameter in names)
        ),
        tuple(qid for qid in both if qid in turned),
        tuple(qid for qid in both if (before.designs or {}).get(qid) != (after.designs or {}).get(qid))
        if knows_design
        else (),
        tuple(qid for qid in first if qid in chosen and qid not in second),
        tuple(qid for qid in second if qid in chosen and qid not in first),
        tuple(one for one in shared if not chosen.isdisjoint(one.resource.affected)),
        sum(one.target in chosen for one in every) - len(values),
        before.wiring == after.wiring if knows_design else None,
        simulated_time,
    )


def _iter_values(
    before: Mapping[str, KnownTargetState], after: Mapping[str, KnownTargetState]
) -> Iterator[ValueChange]:
    """Yield every value of the targets of two states, qubits first, also equal ones."""
    for qid in sorted(before, key=lambda one: ("-" in one, by_number(one))):
        first, second = before[qid].data, after[qid].data
        for name in sorted({*first, *second}):
            yield ValueChange(qid, name, first.get(name), second.get(name))


def _describe(known: ParameterModel | None) -> tuple[float, float | None, str] | None:
    """Return what counts for equality: time and task of a measurement do not."""
    return None if known is None else (known.value, known.error, known.unit)


def _iter_statuses(
    targets: Sequence[str], before: Mapping[str, KnownTargetState], after: Mapping[str, KnownTargetState]
) -> Iterator[StatusChange]:
    for qid in targets:
        was, now = before[qid].status, after[qid].status
        if was is not None and now is not None and was is not now:
            yield StatusChange(qid, was, now)


def _is_watched(change: ValueChange, file: MetricsFile) -> bool:
    """Return whether a value can move: both errors are known, and it is no by-product of a fit."""
    metric = _find_metric(change, file)
    return change.sigmas is not None and not (metric is not None and metric.by_product)


def _judge(change: ValueChange, file: MetricsFile, scatter: UsualScatter, watched: int) -> ComparedValue:
    metric = _find_metric(change, file)
    before, after = change.before, change.after
    if before is None or after is None or not _is_watched(change, file):
        return ComparedValue(change, moved=False)
    tolerance = 0.0 if metric is None else metric.compute_tolerance(after.value)
    if abs(change.difference or 0.0) <= tolerance:
        return ComparedValue(change, moved=False)
    samples = (make_parameter_sample(one) for one in (before, after))
    difference = scatter.compare(change.target, change.parameter, *samples, watched=watched)
    if not difference.is_move:
        return ComparedValue(change, moved=False, switches=difference.switches)
    return ComparedValue(change, moved=True, improved=_is_improved(change, metric))


def _find_metric(change: ValueChange, file: MetricsFile) -> Metric | None:
    return file.get_metrics(get_target_kind(change.target)).get(change.parameter)


def _is_improved(change: ValueChange, metric: Metric | None) -> bool | None:
    """Return whether the second value is better, or None if neither is."""
    if metric is None or change.before is None or change.after is None:
        return None
    former, present = (metric.compute_merit(float(one.value)) for one in (change.before, change.after))
    return None if former is None or present is None or former == present else present > former


def _select(state: ChipState, names: Collection[str] | None) -> dict[str, KnownTargetState]:
    return {
        qid: one
        if names is None
        else replace(one, data={name: value for name, value in one.data.items() if name in names})
        for qid, one in state.targets.items()
    }


def _keep_undirected(state: KnownTargetState) -> KnownTargetState:
    return replace(state, data={name: one for name, one in state.data.items() if name in WITHOUT_DIRECTION})


def _find_shared_changes(
    compared: Sequence[ComparedValue],
    common: tuple[Mapping[str, KnownTargetState], Mapping[str, KnownTargetState]],
    resources: Mapping[Resource, Collection[str]],
) -> tuple[SharedChange, ...]:
    """Return the shared changes of each parameter in each direction, by parameter.

    Only targets whose value was measured or changed in between are examined. The whole chip shares a change if 80 % of them moved in one
    direction, or half of them with hardly any in the other, and drift in random directions does not explain it.
    """
    moved: dict[tuple[str, bool, bool], dict[str, float]] = {}
    for one in compared:
        sigmas = one.change.signed_sigmas
        if one.moved and sigmas is not None:
            kind = one.change.parameter, sigmas > 0, "-" in one.change.target
            moved.setdefault(kind, {})[one.change.target] = sigmas
    found = []
    for (name, rose, of_couplings), affected in sorted(moved.items()):
        examined = [
            qid
            for qid in sorted(common[0], key=by_number)
            if ("-" in qid) == of_couplings and _is_examined(common[0][qid], common[1][qid], name)
        ]
        opposite = len(moved.get((name, not rose, of_couplings), ()))
        found += [
            SharedChange(name, rose, one, median(affected[qid] for qid in one.affected))
            for one in find_shared_resources(
                resources,
                affected,
                examined,
                tests=len(moved),
                least_of_chip=_choose_least_share(len(affected), opposite, tests=len(moved)),
            )
        ]
    return tuple(found)


def _is_examined(first: KnownTargetState, second: KnownTargetState, name: str) -> bool:
    """Return whether a value was measured or changed between two states: one that was not cannot have moved."""
    before, after = first.data.get(name), second.data.get(name)
    return before is not None and after is not None and not is_same(before, after)


def _choose_least_share(n: int, n_opposite: int, *, tests: int) -> float | None:
    """Return the share of the targets that a change of the whole chip needs; None if it can be by chance (sign test).

    The probability that independent drift moves as many values in one direction is the two-sided tail of the binomial distribution,
    times the number of tests (Bonferroni).
    """
    total = n + n_opposite
    tail = sum(math.comb(total, k) for k in range(n, total + 1))
    if 2 * tests * tail > _LARGEST_CHANCE * 2**total:
        return None
    return _LEAST_SHARE_IF_ONE_SIDED if n_opposite <= _MOST_OPPOSITE * n else LEAST_SHARE_OF_CHIP


def _find_of_value(value: ComparedValue, shared: Sequence[SharedChange]) -> SharedResource | None:
    change = value.change
    if not value.moved:
        return None
    rose = (change.difference or 0.0) > 0
    return next(
        (
            one.resource
            for one in shared
            if one.parameter == change.parameter
            and one.rose == rose
            and change.target in one.resource.affected
        ),
        None,
    )


def _rank(value: ComparedValue) -> tuple[float, bool, tuple[tuple[int, str], ...]]:
    sigmas = value.change.sigmas
    size = math.inf if sigmas is None else -sigmas
    return size, "-" in value.change.target, by_number(value.change.target)
