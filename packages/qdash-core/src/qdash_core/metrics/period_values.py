"""Values computed from the recorded results of a period, one for each target and metric."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

from qdash_core.metrics.selection import Mode
from qdash_core.metrics.statistics import find_best
from qdash_core.metrics.values import ChipValues, KnownValue
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_core.metrics.definitions import Metric, MetricsFile
    from qdash_core.metrics.selection import Period, SelectedTargets
    from qdash_core.metrics.values import Kind
    from qdash_core.models.task import RecordedValues


def compute_values(
    results: Iterable[RecordedValues],
    file: MetricsFile,
    *,
    mode: Mode,
    period: Period,
    targets: SelectedTargets,
    flagged: bool = False,
) -> ChipValues:
    """Return one value for each target and metric.

    Parameters
    ----------
    results : iterable of RecordedValues
        Results of the chip, newest first, with at least all measurements of the period.
    file : MetricsFile
        Definitions of the metrics.
    mode : Mode
        Method that reduces several values to one.
    period : Period
        Period of the measurements.
    targets : SelectedTargets
        The selected targets.
    flagged : bool
        Whether to include flagged values.

    Notes
    -----
    If a coupling was measured in both directions, only values in the direction of the newest one count.
    Trials do not count. If a measurement was analysed again, only the last accepted analysis counts. The
    error of a mean is its standard error from the scatter of the results (unknown without scatter), the error
    of a median is unknown, and a single result keeps its own error.
    """
    verdicts = (Verdict.ACCEPTED, Verdict.FLAGGED) if flagged else (Verdict.ACCEPTED,)
    found: dict[str, dict[str, list[KnownValue]]] = defaultdict(lambda: defaultdict(list))
    for result in _select_last_analyses(results, verdicts):
        for name, parameter in result.output_parameters.items():
            if _is_in(period, parameter.calibrated_at):
                control = None if name in WITHOUT_DIRECTION else result.control
                verdict, reasons = result.verdict or Verdict.ACCEPTED, tuple(result.reasons)
                found[result.qid][name].append(KnownValue(parameter, verdict, reasons, control=control))

    def of(kind: Kind) -> dict[str, dict[str, KnownValue]]:
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


def _select_last_analyses(
    results: Iterable[RecordedValues], verdicts: Collection[Verdict]
) -> Iterable[RecordedValues]:
    """Return the last eligible analysis of each measurement."""
    last: dict[str, RecordedValues] = {}
    for result in results:
        if result.saved and result.status is TaskStatus.COMPLETED and result.verdict in verdicts:
            last.setdefault(result.refit_of or result.task_id, result)
    return last.values()


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
