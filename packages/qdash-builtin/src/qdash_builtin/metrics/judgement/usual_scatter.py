"""Usual scatter: the difference between two accepted values of an unchanged quantity, as a function of the time between them.

It follows from the history of the chip: differences of values of one task under one condition on one target, for each
metric, in bins of elapsed time. Values of two tasks also differ by what these differ by on all targets of the chip.
Medians and quantiles estimate scales and tails, so that the sought changes do not hide themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_builtin.metrics.judgement.level_switches import find_level_switches
from qdash_core.models.estimates import subtract
from qdash_core.values.measuring_conditions import are_other_conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_builtin.metrics.judgement.level_switches import LevelSwitches
    from qdash_builtin.metrics.judgement.samples import Sample

    Floats = NDArray[np.float64]

FALSE_ALARMS = 3.0
"""Expected number of unchanged values that are reported as moved in one comparison of a chip: few enough to look at each in the morning."""
_LARGEST_SHARE = math.erfc(3 / math.sqrt(2))
"""Largest share of unchanged values that may be reported, however few are watched: that beyond three standard deviations."""
_BIN_EDGES_H = (3.0, 9.0, 16.0, 36.0, 84.0)
"""Limits of the bins of elapsed time: within a run, half a day, a night, days."""
_MOST_APART = 4
"""Values of a series between which differences are taken, at most."""
_FEWEST_PAIRS = 6
"""Differences in a bin, at least, and successive ones of a metric; a bin with fewer is joined with the next one."""
_PAIRS_OF_JUMP = 2.0
"""Differences that the declared jump counts as."""
_PAIRS_APART_S = 36 * 3600.0
"""Elapsed time between two values up to which their difference shows that between their tasks."""
_PAIRS_OF_CHIP = 4.0
"""Differences of one target that the scatter of the chip counts as."""
_SIGMAS_OF_JUMP = 3.0
"""Standard deviations in a declared jump, the largest plausible change."""
_NORMAL_QUARTILE = NormalDist().inv_cdf(0.75)
_NORMAL_TAILS = 1e6
"""Degrees of freedom of Student's t distribution with which it is a normal one."""
_TAIL_RATIOS = ((2.48, 1 / 30), (2.54, 1 / 15), (2.63, 1 / 8), (2.77, 1 / 5), (2.88, 1 / 4), (3.08, 1 / 3))
"""Ratio of the quantiles 0.9 and 0.5 of the size of a Student t variable, and the reciprocal of its degrees of freedom."""
_USUAL_TAILS, _SIZES_OF_USUAL_TAILS = 1 / 8, 100.0
"""Reciprocal of the degrees of freedom that is assumed without a history, and the number of differences that it counts as."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference between two values, compared with the usual one.

    Parameters
    ----------
    size : float
        Difference in standard deviations of the usual scatter, the errors of both values included.
    limit : float
        Size up to which the value has not moved.
    switches : LevelSwitches or None
        Levels of a value that switches between two of them, if both values belong to these; else None.
    """

    size: float
    limit: float
    switches: LevelSwitches | None = None

    @property
    def is_move(self) -> bool:
        """True if the value moved: a switch between known levels is no move."""
        return self.size > self.limit and self.switches is None


@dataclass(frozen=True, slots=True)
class _MetricScatter:
    """Usual scatter of a metric of qubits, or of couplings.

    Parameters
    ----------
    lags_s, variances : tuple of float
        Elapsed times, ascending, and the variances of differences beyond the errors; empty without a history.
    tails : float
        Degrees of freedom of the distribution of differences.
    """

    scale: _Scale
    lags_s: tuple[float, ...]
    variances: tuple[float, ...]
    tails: float

    def compute_variance(self, lag_s: float | Floats) -> Floats:
        """Return the variance of differences beyond the errors; after longer times than those known it grows as that of a random walk."""
        if not self.lags_s:
            return np.zeros(np.shape(lag_s))
        growth = np.maximum(np.asarray(lag_s, float) / self.lags_s[-1], 1.0)
        return np.asarray(np.interp(lag_s, self.lags_s, self.variances) * growth)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Scale in which values of a metric are compared: ratios if all have one sign, because their scatter is then alike on all targets."""

    unit: str
    is_relative: bool

    def compute_difference(self, before: float, after: float) -> float:
        """Return the difference, or the logarithm of the ratio; of numbers with different signs their difference over their mean size."""
        if not self.is_relative:
            return float(subtract(after, before, unit=self.unit))
        if before * after > 0:
            return math.log(after / before)
        return 2 * (after - before) / (abs(after) + abs(before)) if after != before else 0.0

    def compute_variance(self, *samples: Sample) -> float:
        """Return the variance of the difference by the errors."""
        return sum((one.error / (abs(one.value) or 1.0 if self.is_relative else 1.0)) ** 2 for one in samples)


@dataclass(frozen=True, slots=True)
class _Expected:
    """Difference that is expected between two values of an unchanged quantity.

    Parameters
    ----------
    variance : float
        Its variance, with the errors of both values.
    tails : float
        Degrees of freedom of its distribution.
    offset : float
        Its median: that between two tasks.
    """

    scale: _Scale
    variance: float
    tails: float = _NORMAL_TAILS
    offset: float = 0.0


class UsualScatter:
    """Usual scatter of the values of a chip.

    Parameters
    ----------
    history : mapping of (str, str) to sequence of Sample
        Accepted values by target and parameter, each in the unit of the newest one, in the order of time. Without a history and a jump the
        usual scatter is that of the errors.
    jumps : mapping of str to float
        Largest plausible relative change by parameter, as tasks declare it.
    former : UsualScatter or None
        Scatter of a former history with the same jumps: what follows from series that are the same objects is taken over.
    """

    def __init__(
        self,
        history: Mapping[tuple[str, str], Sequence[Sample]] = MappingProxyType({}),
        *,
        units: Mapping[str, str] = MappingProxyType({}),
        jumps: Mapping[str, float] = MappingProxyType({}),
        former: UsualScatter | None = None,
    ) -> None:
        self._history = history
        self._units = units
        self._jumps = jumps
        self._tasks = {one.task_id: one.task for samples in history.values() for one in samples}
        self._metrics: dict[tuple[bool, str], _MetricScatter] = {}
        self._task_pairs: dict[tuple[bool, str], Mapping[tuple[str, str], Floats]] = {}
        self._places: dict[tuple[bool, str], list[tuple[str, str]]] = defaultdict(list)
        for place in history:
            self._places["-" in place[0], place[1]].append(place)
        if former is not None:
            self._take_unchanged(former)

    def _take_unchanged(self, former: UsualScatter) -> None:
        for key, metric in [*former._metrics.items()]:
            places = self._places.get(key, [])
            if (
                places == former._places.get(key, [])
                and self._units.get(key[1]) == former._units.get(key[1])
                and all(self._history[place] is former._history[place] for place in places)
            ):
                self._metrics[key] = metric
                if (pairs := former._task_pairs.get(key)) is not None:
                    self._task_pairs[key] = pairs

    def compare(
        self, target: str, parameter: str, before: Sample, after: Sample, *, watched: int
    ) -> Difference:
        """Return the difference between two values of a target, compared with the usual one; none between those of different conditions.

        The distribution of unchanged values is Student's t. Only values until the first of both count as the target's
        own history. The limit depends on `watched`, the number of values that are compared at once.
        """
        before, after = (self._complete(one, target, parameter) for one in (before, after))
        if are_other_conditions(before.condition, after.condition):
            return Difference(0.0, math.inf)
        expected = self._expect(target, parameter, before, after)
        variance, tails = expected.variance, expected.tails
        size = abs(expected.scale.compute_difference(before.value, after.value) - expected.offset)
        has_history = tails < _NORMAL_TAILS
        switches = (
            find_level_switches(self._list_until(target, parameter, before, after), after)
            if has_history
            else None
        )
        return Difference(
            size / math.sqrt(variance) if variance > 0 else math.inf if size else 0.0,
            compute_limit(watched, tails),
            switches,
        )

    def _complete(self, sample: Sample, target: str, parameter: str) -> Sample:
        """Return a sample with its task and condition, if its result is in the history."""
        if not sample.task:
            sample = sample._replace(task=self._tasks.get(sample.task_id, ""))
        if sample.condition or not sample.task_id:
            return sample
        own = self._history.get((target, parameter), ())
        condition = next((one.condition for one in own if one.task_id == sample.task_id), "")
        return sample._replace(condition=condition)

    def get_history(self, target: str, parameter: str) -> Sequence[Sample]:
        """Return the accepted values of a parameter of a target in the order of time."""
        return self._history.get((target, parameter), ())

    def compute_scatter(self, target: str, parameter: str, value: Sample, *, lag_s: float) -> float:
        """Return the standard deviation of the difference from a value to the one `lag_s` seconds later, with the
        errors of both.

        It is in the unit of the value.
        """
        before = self._complete(value, target, parameter)
        after = before._replace(at_s=before.at_s + lag_s)
        expected = self._expect(target, parameter, before, after)
        return math.sqrt(expected.variance) * (abs(value.value) if expected.scale.is_relative else 1.0)

    def _expect(self, target: str, parameter: str, before: Sample, after: Sample) -> _Expected:
        """Return the usual difference between two values."""
        metric = self._get_metric("-" in target, parameter)
        # Without a history values are compared as numbers: ratios are no better there, and errors belong to numbers.
        scale = metric.scale if metric.lags_s else _Scale(metric.scale.unit, is_relative=False)
        errors = scale.compute_variance(before, after)
        jump_variance = self._get_jump_variance(parameter, scale, max(abs(before.value), abs(after.value)))
        drift = float(metric.compute_variance(abs(after.at_s - before.at_s)))
        if before.task != after.task:
            return self._expect_between_tasks(
                target, parameter, before, after, scale, errors + drift, jump_variance
            )
        if not metric.lags_s:
            return _Expected(scale, errors + jump_variance)
        own = self._list_until(target, parameter, before, after)
        variance = (errors + drift) * _compute_own_factor(own, metric)
        return _Expected(scale, max(errors, variance), metric.tails)

    def _expect_between_tasks(
        self,
        target: str,
        parameter: str,
        before: Sample,
        after: Sample,
        scale: _Scale,
        variance: float,
        jump_variance: float,
    ) -> _Expected:
        """Return the usual difference between values of two tasks, beyond the variance of one of them.

        It follows from earlier pairs of such values on all targets. Without enough of them, its scale is the geometric mean of the scatter and
        of the declared jump: tasks agree worse than their errors say, and better than the largest plausible change. Numbers without a
        scatter have the jump alone.
        """
        assumed = math.sqrt(variance * jump_variance) if variance and jump_variance else jump_variance
        metric = self._get_metric("-" in target, parameter)
        names = min(before.task, after.task), max(before.task, after.task)
        rows = self._get_task_pairs("-" in target, parameter, scale).get(names, np.empty((0, 4)))
        rows = rows[: np.searchsorted(rows[:, 0], before.at_s, side="right")]
        if len(rows) < _FEWEST_PAIRS:
            return _Expected(scale, variance + assumed)
        offset = float(np.median(rows[:, 2]))
        known = rows[:, 3] + metric.compute_variance(rows[:, 1])
        systematic = _shrink_to_jump(_find_variance(rows[:, 2] - offset, known), len(rows), known, assumed)
        total = known + systematic
        tails = _find_tails(np.abs(rows[total > 0, 2] - offset) / np.sqrt(total[total > 0]))
        of_mean = (1 + 1 / len(rows)) * (variance + systematic)
        return _Expected(scale, of_mean, tails, offset if before.task < after.task else -offset)

    def _get_task_pairs(
        self, of_couplings: bool, parameter: str, scale: _Scale
    ) -> Mapping[tuple[str, str], Floats]:
        """Return successive values of two tasks on one target, by both tasks in the order of their names.

        A row is the later time, the elapsed time, the difference in the order of the names, and its variance by the errors, in the order of time.
        """
        key = of_couplings, parameter
        if key not in self._task_pairs:
            found: dict[tuple[str, str], list[tuple[float, float, float, float]]] = defaultdict(list)
            for place in self._places.get(key, ()):
                for one, later in pairwise(self._history[place]):
                    lag_s = later.at_s - one.at_s
                    if (
                        one.task != later.task
                        and lag_s <= _PAIRS_APART_S
                        and not are_other_conditions(one.condition, later.condition)
                    ):
                        first, last = (one, later) if one.task < later.task else (later, one)
                        difference = scale.compute_difference(first.value, last.value)
                        errors = scale.compute_variance(first, last)
                        found[first.task, last.task].append((later.at_s, lag_s, difference, errors))
            self._task_pairs[key] = {names: np.array(sorted(rows)) for names, rows in found.items()}
        return self._task_pairs[key]

    def _list_until(self, target: str, parameter: str, before: Sample, after: Sample) -> list[Sample]:
        """Return the history until the first of two values, of measurements under the condition of the second one."""
        return [
            one
            for one in self.get_history(target, parameter)
            if one.at_s <= before.at_s and one.condition == after.condition
        ]

    def _get_jump_variance(self, parameter: str, scale: _Scale, value: float) -> float:
        jump = self._jumps.get(parameter, 0.0) / _SIGMAS_OF_JUMP
        return (jump if scale.is_relative else jump * value) ** 2

    def _get_metric(self, of_couplings: bool, parameter: str) -> _MetricScatter:
        key = of_couplings, parameter
        if key not in self._metrics:
            every = [self._history[place] for place in self._places.get(key, ())]
            values = [one.value for samples in every for one in samples]
            unit = self._units.get(parameter, "")
            scale = _Scale(
                unit, unit != "rad" and (min(values, default=0.0) > 0 or max(values, default=0.0) < 0)
            )
            typical = float(np.median(values)) if values else 0.0
            self._metrics[key] = _fit_metric(every, scale, self._get_jump_variance(parameter, scale, typical))
        return self._metrics[key]


def compute_limit(watched: int, tails: float) -> float:
    """Return the size in standard deviations which `FALSE_ALARMS` of the watched unchanged values exceed.

    The quantile of Student's t distribution with `tails` degrees of freedom, 3 or more, by the inverse of Wallace's
    approximation, Ann. Math. Statist. 30, 1124 (1959), which is a tenth too large at most.
    """
    share = min(FALSE_ALARMS / max(watched, 1), _LARGEST_SHARE)
    return max(3.0, _invert_student(share, tails))


@cache
def _invert_student(share: float, tails: float) -> float:
    normal = NormalDist().inv_cdf(1 - share / 2) * (8 * tails + 3) / (8 * tails + 1)
    return math.sqrt(tails * math.expm1(normal**2 / tails))


def _fit_metric(every: Iterable[Sequence[Sample]], scale: _Scale, jump_variance: float) -> _MetricScatter:
    """Return the scatter of a metric from the series of all targets."""
    every = [*every]
    successive = sum(1 for samples in every for _ in _iter_pairs(samples, scale, most_apart=1))
    # With fewer of them, the change that is sought would be a large part of the history.
    pairs = (pair for samples in every for pair in _iter_pairs(samples, scale, most_apart=_MOST_APART))
    rows = np.array([*pairs] if successive >= _FEWEST_PAIRS else [], float).reshape(-1, 3)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    lags, variances, sizes = [], [], []
    for part in _split(rows):
        # About the median: a change of the whole chip is no scatter of its targets.
        differences, errors = part[:, 1] - np.median(part[:, 1]), part[:, 2]
        variance = _shrink_to_jump(_find_variance(differences, errors), len(part), errors, jump_variance)
        lags.append(float(np.median(part[:, 0])))
        variances.append(variance)
        total = errors + variance
        known = total > 0
        sizes.append(np.abs(differences[known]) / np.sqrt(total[known]))
    return _MetricScatter(
        scale, tuple(lags), tuple(variances), _find_tails(np.concatenate(sizes) if sizes else np.empty(0))
    )


def _iter_pairs(
    samples: Sequence[Sample], scale: _Scale, *, most_apart: int
) -> Iterable[tuple[float, float, float]]:
    """Yield elapsed time in seconds, difference, and its variance by the errors, of values of one task on one target."""
    alike: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for one in samples:
        alike[one.task, one.condition].append(one)
    for some in alike.values():
        for place, after in enumerate(some):
            for before in some[max(0, place - most_apart) : place]:
                yield (
                    after.at_s - before.at_s,
                    scale.compute_difference(before.value, after.value),
                    scale.compute_variance(before, after),
                )


def _split(rows: Floats) -> list[Floats]:
    """Return the rows in bins of elapsed time, each with enough of them; fewer than that in all have no bin."""
    edges = np.searchsorted(rows[:, 0], [one * 3600 for one in _BIN_EDGES_H])
    parts: list[Floats] = []
    first = 0
    for last in (*edges.tolist(), len(rows)):
        if last - first >= _FEWEST_PAIRS:
            parts.append(rows[first:last])
            first = last
    if first < len(rows) and parts:
        parts[-1] = np.concatenate([parts[-1], rows[first:]])
    return parts


def _find_variance(differences: Floats, errors: Floats) -> float:
    """Return the variance beyond the errors with which half of the differences are within the quartiles of a normal distribution."""
    squares = (differences / _NORMAL_QUARTILE) ** 2
    low, high = 0.0, float(np.max(squares))
    if np.median(squares - errors) <= 0:
        return 0.0
    for _ in range(50):
        middle = (low + high) / 2
        if np.median(squares / (errors + middle)) > 1:
            low = middle
        else:
            high = middle
    return high


def _shrink_to_jump(variance: float, n: float, errors: Floats, jump_variance: float) -> float:
    """Return the geometric mean of the variance and that of the declared jump, weighted by numbers of differences.

    The jump is a bound rather than a scatter, often a thousand times larger: in an arithmetic mean it would hide the history.
    """
    if not jump_variance:
        return variance
    least = max(variance, 0.01 * float(np.median(errors)))
    if not least:
        return variance
    weight = _PAIRS_OF_JUMP / (n + _PAIRS_OF_JUMP)
    return math.exp((1 - weight) * math.log(least) + weight * math.log(max(jump_variance, least)))


def _find_tails(sizes: Floats) -> float:
    """Return the degrees of freedom of Student's t distribution with the same ratio of quantiles. A tenth of the differences that moved changes it little."""
    middle, far = np.quantile(sizes, (0.5, 0.9)) if len(sizes) else (0.0, 0.0)
    if middle <= 0:
        return 1 / _USUAL_TAILS
    ratios, reciprocals = zip(*_TAIL_RATIOS, strict=True)
    found = float(np.interp(far / middle, ratios, reciprocals))
    return (len(sizes) + _SIZES_OF_USUAL_TAILS) / (found * len(sizes) + _USUAL_TAILS * _SIZES_OF_USUAL_TAILS)


def _compute_own_factor(own: Sequence[Sample], metric: _MetricScatter) -> float:
    """Return the variance of a target's differences relative to that of the chip, which counts more while the history is short."""
    rows = np.array([*_iter_pairs(own, metric.scale, most_apart=1)], float).reshape(-1, 3)
    total = metric.compute_variance(rows[:, 0]) + rows[:, 2]
    rows, total = rows[total > 0], total[total > 0]
    if not len(rows):
        return 1.0
    size = float(np.median(np.abs(rows[:, 1]) / np.sqrt(total))) / _NORMAL_QUARTILE
    return (_PAIRS_OF_CHIP + len(rows) * size**2) / (_PAIRS_OF_CHIP + len(rows))
