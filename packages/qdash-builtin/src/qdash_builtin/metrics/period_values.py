"""Values computed from the recorded results of a period, one for each target and metric."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

from qdash_builtin.metrics.selection import Mode
from qdash_builtin.metrics.statistics import find_best
from qdash_core.models.chip import ParameterModel
from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.task import Verdict, awaits_decision
from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.selection import Period, SelectedTargets
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import RecordedValues


def compute_values(
    results: Iterable[RecordedValues],
    file: MetricsFile,
    *,
    mode: Mode,
    period: Period,
    targets: SelectedTargets,
    is_usable: Callable[[RecordedValues, str], bool],
    flagged: bool = False,
    names: Collection[str] | None = None,
) -> ChipValues:
    """Return one value for each target and metric; all metrics if `names` is None.

    Parameters
    ----------
    results : iterable of RecordedValues
        Results of the chip, newest first of each target, with at least all measurements of the period.
    is_usable : callable
        Returns whether a value of a result may be the chip's, see `UsableResults.accepts`.
    flagged : bool
        Whether to include flagged values that await a decision.

    Notes
    -----
    If a coupling was measured in both directions, only values in the direction of the newest one count. If a
    measurement was analysed again, only the last accepted analysis of a value counts. The error of a mean is its
    standard error from the scatter of the results (unknown without scatter), the error of a median is unknown, and a
    single result keeps its own error.
    """
    found: dict[str, dict[str, list[KnownValue]]] = defaultdict(lambda: defaultdict(list))
    for result, name, usable in iter_measured_values(
        results, is_usable=is_usable, period=period, names=names, flagged=flagged
    ):
        parameter = result.output_parameters[name]
        control = None if name in WITHOUT_DIRECTION else result.control
        found[result.qid][name].append(
            KnownValue(parameter, control=control)
            if usable
            else KnownValue(parameter, Verdict.FLAGGED, tuple(result.reasons), control=control)
        )

    def of(kind: TargetKind) -> dict[str, dict[str, KnownValue]]:
        metrics = file.get_metrics(kind)
        chosen = {
            target: {
                name: value
                for name, known in found[target].items()
                if (value := _combine_values(known, metrics.get(name), mode)) is not None
            }
            for target in targets.get_targets(kind)
            if target in found
        }
        return {target: values for target, values in chosen.items() if values}

    return ChipValues(of("qubit"), of("coupling"))


def iter_measured_values(
    results: Iterable[RecordedValues],
    *,
    is_usable: Callable[[RecordedValues, str], bool],
    period: Period,
    names: Collection[str] | None = None,
    flagged: bool = False,
) -> Iterator[tuple[RecordedValues, str, bool]]:
    """Yield result and name of the values of a period, one for each measurement, and whether each is usable.

    The results are those of the chip, newest first. Other parameters as for `compute_values`.
    """
    analysed: set[tuple[str, str]] = set()
    for result in results:
        for name, parameter in result.output_parameters.items():
            if names is not None and name not in names:
                continue
            measurement = result.refit_of or result.task_id, name
            if measurement in analysed:
                continue
            usable = is_usable(result, name)
            if not usable and not (flagged and awaits_decision(result, name)):
                continue
            analysed.add(measurement)
            if _is_in(period, parameter.calibrated_at):
                yield result, name, usable


def _is_in(period: Period, measured_at: datetime | None) -> bool:
    # The time of the measurement counts: its result starts earlier, and a refit long after it.
    if measured_at is None:
        return True
    return (period.since is None or measured_at >= period.since) and (
        period.until is None or measured_at < period.until
    )


def _combine_values(known: Sequence[KnownValue], metric: Metric | None, mode: Mode) -> KnownValue | None:
    newest = max(known, key=lambda one: _make_age_key(one.parameter))
    if mode is Mode.LATEST:
        return newest
    alike = [one.parameter for one in known if _are_combinable(one, newest)]
    numbers = [float(one.value) for one in alike]
    spread = stdev(numbers) if len(numbers) > 1 else None
    if mode is Mode.BEST:
        chosen = find_best(alike, metric)
        return (
            None if chosen is None else KnownValue(chosen, n=len(alike), std=spread, control=newest.control)
        )
    if spread is None:
        return KnownValue(alike[0], n=1, control=newest.control)
    computed = (
        {"value": fmean(numbers), "error": spread / math.sqrt(len(numbers)) or None}
        if mode is Mode.AVERAGE
        else {"value": median(numbers), "error": None}
    )
    origin = {"unit": newest.parameter.unit, "calibrated_at": newest.parameter.calibrated_at}
    value = ParameterModel(**computed, **origin)
    return KnownValue(value, n=len(numbers), std=spread, control=newest.control)


def _are_combinable(one: KnownValue, other: KnownValue) -> bool:
    """Return whether two values can be combined: equal units and, for a coupling, equal directions."""
    directions = {one.control, other.control} - {None}
    return one.parameter.unit == other.parameter.unit and len(directions) <= 1


def _make_age_key(parameter: ParameterModel) -> tuple[bool, float]:
    at = parameter.calibrated_at
    return at is not None, 0.0 if at is None else at.timestamp()
