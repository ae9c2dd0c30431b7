"""Values of one metric on the targets of a chip, read from values in use or recorded results."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judged_values import judge_value
from qdash_builtin.metrics.period_values import compute_values, iter_measured_values
from qdash_builtin.metrics.result_queries import list_values_of_targets
from qdash_builtin.metrics.selection import ALL_TIME, Mode, Period, SelectedTargets, resolve_period
from qdash_builtin.metrics.trend_points import collect_values, make_points
from qdash_builtin.record_lookup.stored_states import StoredState, list_states
from qdash_core.models.chip import ParameterModel
from qdash_core.models.chip_values import KnownValue
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
    list_values_in_use,
)
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.trend_points import TrendPoint
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.cooldown import CooldownModel
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import RecordedValues
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class ValueSource:
    """Chip and period of a set of values; unbounded as for `Selection`."""

    chip_id: str
    period: Period = ALL_TIME


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """Accepted values of a metric on a target in the order of time, of one unit and direction."""

    target: str
    unit: str
    points: Sequence[TrendPoint]


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Values of metrics of one kind of target of a chip.

    Parameters
    ----------
    source : ValueSource
        The chip, and the period that was used.
    targets : sequence of str
        The targets, with or without values.
    set_aside : sequence of str
        Excluded and dead targets among them.
    values : mapping of str to mapping of str to KnownValue
        Finite values by metric and target.
    series : sequence of MetricSeries
        Series of the first metric, if requested.
    cooldowns : sequence of CooldownModel
        Newest first.
    """

    source: ValueSource
    targets: Sequence[str]
    set_aside: Sequence[str]
    values: Mapping[str, Mapping[str, KnownValue]]
    series: Sequence[MetricSeries] = ()
    cooldowns: Sequence[CooldownModel] = field(default=())


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Reader of the values of metrics of one kind of target; series are of the first metric.

    `without_set_aside` leaves out excluded and dead targets.
    """

    repositories: Repositories
    project_id: str
    file: MetricsFile
    judgement_reader: JudgementReader
    kind: TargetKind
    metrics: Sequence[str]
    mode: Mode
    without_set_aside: bool
    series: bool

    def read(self, source: ValueSource) -> ValueSet:
        """Return the values of a chip in a period.

        Raises
        ------
        NotFoundError
            If there is no such chip or cool-down.
        """
        chip = self.repositories.of(ChipRepository).require(self.project_id, source.chip_id)
        period = resolve_period(self.repositories, chip, source.period, self.mode)
        states = self._list_states(source.chip_id)
        set_aside = [one["qid"] for one in states if one["status"].set_aside]
        left_out = {*set_aside} if self.without_set_aside else set()
        targets = [one["qid"] for one in states if one["qid"] not in left_out]
        is_usable = UsableResults(self.repositories, chip).accepts
        in_use = not period and self.mode is Mode.LATEST
        results = self._list_results(chip, period, targets) if self.series or not in_use else []
        values = (
            self._read_values_in_use(source.chip_id, targets)
            if in_use
            else self._compute_values(results, period, targets, is_usable)
        )
        series: list[MetricSeries] = []
        if self.series:
            measured = iter_measured_values(
                results, is_usable=is_usable, period=period, names=self.metrics[:1]
            )
            series = _make_series(measured, targets)
        return ValueSet(
            ValueSource(source.chip_id, period),
            targets,
            [one for one in set_aside if one not in left_out],
            {name: _select_metric(values, name) for name in self.metrics},
            series,
            self.repositories.of(CooldownRepository).list_by_chip(self.project_id, source.chip_id),
        )

    def _compute_values(
        self,
        results: Iterable[RecordedValues],
        period: Period,
        targets: Iterable[str],
        is_usable: Callable[[RecordedValues, str], bool],
    ) -> Mapping[str, Mapping[str, KnownValue]]:
        """Return the values by target and metric, reduced from recorded results."""
        selected = (
            SelectedTargets(tuple(targets), ())
            if self.kind == "qubit"
            else SelectedTargets((), tuple(targets))
        )
        found = compute_values(
            results,
            self.file,
            mode=self.mode,
            period=period,
            targets=selected,
            is_usable=is_usable,
            names=self.metrics,
        )
        return found.qubits if self.kind == "qubit" else found.couplings

    def _list_states(self, chip_id: str) -> list[StoredState]:
        targets = (
            self.repositories.of(QubitCalibrationRepository)
            if self.kind == "qubit"
            else self.repositories.of(CouplingCalibrationRepository)
        )
        return list_states(targets, self.project_id, chip_id)

    def _read_values_in_use(self, chip_id: str, targets: Sequence[str]) -> dict[str, dict[str, KnownValue]]:
        where = self.project_id, chip_id
        stored = list_values_in_use(self.repositories, *where)
        judgement = self.judgement_reader.read_of(self.repositories, *where, stored)
        known = {*targets}
        return {
            one["qid"]: {
                name: judge_value(
                    KnownValue(ParameterModel.model_validate(one["data"][name])), judgement, one["qid"], name
                )
                for name in self.metrics
                if name in one["data"]
            }
            for one in stored
            if one["qid"] in known
        }

    def _list_results(self, chip: ChipModel, period: Period, targets: Sequence[str]) -> list[RecordedValues]:
        """Return the results of a chip with any of the metrics on the targets, newest first of each target."""
        # Results of a deleted chip with the same id do not count.
        return list_values_of_targets(
            self.repositories,
            self.project_id,
            chip.chip_id,
            targets,
            self.metrics,
            cooldown_id=period.cooldown_id,
            since=max(chip.installed_at, period.since or chip.installed_at),
        )


def find_unit(sets: Sequence[ValueSet], metric: str) -> str:
    """Return the unit of most values of a metric in the first set that has any; empty if none has."""
    for one in sets:
        units = Counter(known.parameter.unit for known in one.values[metric].values())
        if units:
            return units.most_common(1)[0][0]
    return ""


def _select_metric(values: Mapping[str, Mapping[str, KnownValue]], name: str) -> dict[str, KnownValue]:
    """Return the finite values of a metric by target."""
    return {
        target: had[name]
        for target, had in values.items()
        if name in had and math.isfinite(had[name].parameter.value)
    }


def _make_series(
    measured: Iterable[tuple[RecordedValues, str, bool]], targets: Sequence[str]
) -> list[MetricSeries]:
    """Return the series of each target that has values with a known time."""
    by_target = {target: values for (target, _), values in collect_values(measured).items()}
    found = [
        (target, make_points(values, (), longest=len(values)))
        for target in targets
        if (values := by_target.get(target))
    ]
    return [MetricSeries(target, one.unit, one.points) for target, one in found if one.points]
