"""Weeks of generated nights of `check`: recorded with their consequences in a store, judged, and compared with the truth of the twin.

The evidence is put together from faults that were measured once (`cause_nights`), with the drift of the twin and with noise of the size of the stated
errors. Each result gets its verdict from the validators; judgement and digest are those of the product. A qubit is unfit if its readout or gates are
below the minimum at the values in use.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from qdash_builtin.chips.feature import CHIPS as CHIPS_SERVICE
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.metrics.feature import JUDGEMENTS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import open_qdash
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.recent_results import RecentResults
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import ResultOrigin, TaskStateManager
from qdash_core.models.base import NEVER
from qdash_core.models.estimates import Parameter
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, get_clock, open_clock
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.settings import load_settings
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.inputs import LatestValues
from qdash_fake.options import TwinOptions
from qdash_fake.truth import apply_calibration, compute_true_parameters
from qdash_fake.twin import load_twin

from .cause_nights import BETWEEN, NIGHTS, GeneratedNights, iter_scenarios
from .fault_nights import CHIP, change_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

    from .cause_nights import Begun, Fault, Usability

MINIMUM = {"average_readout_fidelity": 0.8, "average_gate_fidelity": 0.99}
"""Minimum of each metric, as the owner of the chip asks for it."""
MOST_MOVED = 5
"""Moved values of a healthy night, at most."""
_DRIFT_NIGHTS = 40
"""Nights of the drifting twin whose truth is used again from different nights on."""
_SHARE_HEALTHY, _SHARE_ENDING = 0.2, 0.4
"""Shares of weeks without faults, and of faults that end before the last night."""
_BEFORE_CHECK = timedelta(minutes=5)
_MORNING = timedelta(hours=6)
_H = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Time in which a fault is on a qubit.

    Attributes
    ----------
    qid, name
        The qubit, and the fault.
    start, end
        When it begins and ends; it ends with the last night if not before.
    unfit_until
        End of the time in which the qubit is truly unfit; the start if it is fit with the fault.
    """

    qid: str
    name: str
    start: datetime
    end: datetime
    unfit_until: datetime


@dataclass(slots=True)
class WeekFigures:
    """Figures of a week.

    Attributes
    ----------
    unfit_called_fit, beyond
        Hours in which a truly unfit qubit was called fit, by fault, and those of them after its next check.
    fit_called_unfit, late
        Hours in which a truly fit qubit was not called fit, by fault, and those of qubits without a fault since the check before.
    moved, flagged, failed
        Moved values, flagged and failed results on qubits without a fault, one number for each night.
    doubtful
        Doubtful values on qubits without a fault, one number for each night.
    quiet
        Moved values of each night without any fault.
    """

    unfit_called_fit: Counter[str] = field(default_factory=Counter)
    beyond: Counter[str] = field(default_factory=Counter)
    fit_called_unfit: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    moved: list[int] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)


class Truth:
    """True values of the healthy twin with its usual drift, one set for each of some nights."""

    def __init__(self, home: Path, nights: int = _DRIFT_NIGHTS) -> None:
        twin = load_twin(next(home.rglob("twin.json")).parent)
        twin = replace(twin, options=TwinOptions.parse({"drift": "1"}))
        with open_qdash(load_settings(home=home)) as qdash:
            qubits = qdash.get(CHIPS_SERVICE).show(qdash.access("admin"), CHIP).qubits
        values = {
            qid: {name: float(one.value) for name, one in qubit.data.items()} for qid, qubit in qubits.items()
        }
        measured = [qid for qid, qubit in qubits.items() if qubit.data]
        self._nights = []
        for number in range(nights):
            clock_s = twin.clock_s + number * BETWEEN.total_seconds()
            truth = replace(twin, clock_s=clock_s).truth()
            settings = apply_calibration(truth, values)
            self._nights.append(compute_true_parameters(truth, settings, targets=measured)["qubits"])

    def draw(self, random: np.random.Generator) -> int:
        """Return the number of a night at which a week may begin."""
        return int(random.integers(0, max(len(self._nights) - NIGHTS, 0) + 1))

    def follow(self, qid: str, name: str, value: float, unit: str, *, first: int, night: int) -> float:
        """Return a value measured at the start of a week as it is on a later night."""
        now, then = (self._nights[(first + one) % len(self._nights)][qid].get(name) for one in (night, 0))
        if now is None or then is None or not then[0]:
            return value
        return value + now[0] - then[0] if unit == "rad" else value * now[0] / then[0]


class JudgedWeek:
    """Week of generated nights that is recorded and judged.

    Parameters
    ----------
    home
        A new home with a copy of the calibrated chip.
    healthy
        The healthy night.
    begun
        Faults of the week.
    truth
        Drift.
    seed
        Seed of the noise, of the drift and of the hours of the faults.
    """

    def __init__(
        self, home: Path, healthy: Fault, begun: Sequence[Begun], truth: Truth, *, seed: int
    ) -> None:
        self._home, self._healthy, self._begun, self._truth = home, healthy, begun, truth
        self._random = np.random.default_rng(seed)
        self._first = truth.draw(self._random)
        self._nights = GeneratedNights(healthy, begun).executions
        starts = [
            one.result.start_at
            for some in self._nights[0].values()
            for one in some
            if one.result.start_at is not None
        ]
        self._starts = [min(starts) + number * BETWEEN for number in range(NIGHTS)]
        self._called: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        self._figures = WeekFigures()
        self._ends: list[datetime] = []

    def run(self) -> WeekFigures:
        """Record all nights, and return the figures."""
        self._simulate_clock()
        (self._home / "metrics.yaml").write_text(
            json.dumps({"qubit_metrics": {name: {"minimum": one} for name, one in MINIMUM.items()}})
        )
        settings = load_settings(home=self._home, metrics_file=self._home / "metrics.yaml")
        onsets = [self._draw_hour(one.night) for one in self._begun]
        with open_qdash(settings) as qdash:
            recorder = _NightRecorder(qdash, self._truth, self._random, self._first)
            for number, night in enumerate(self._nights):
                for one, onset in sorted(zip(self._begun, onsets, strict=True), key=lambda some: some[1]):
                    if one.night == number:
                        _advance(onset)
                        for name, change in one.fault.values.items():
                            change_value(qdash, one.fault.qubits[0], name, change)
                _advance(self._starts[number] - _BEFORE_CHECK)
                self._ends.append(recorder.record(number, night))
                _advance(self._ends[-1] + _MORNING)
                self._judge(qdash, number)
        (self._home / CLOCK_FILE).unlink()
        close_clock(open_clock(self._home))  # the process has the clock of the machine again
        pairs = zip(self._begun, onsets, strict=True)
        spans = [span for one, onset in pairs for span in self._list_spans(one, onset)]
        self._compare(spans)
        return self._figures

    def _simulate_clock(self) -> None:
        """Give the home, which was measured by the clock of the machine, a simulated clock."""
        with open_qdash(load_settings(home=self._home)) as qdash:
            projects = qdash.repositories.of(ProjectRepository)
            default = projects.require(qdash.access("admin").project_id)
            projects.put(default.model_copy(update={"simulated_clock": True}))
        SimulatedClock.create(self._home / CLOCK_FILE, self._starts[0] - _BEFORE_CHECK)

    def _draw_hour(self, night: int) -> datetime:
        """Return a time between the check before a night and its own."""
        least = self._starts[night] - BETWEEN + _H
        return least + float(self._random.random()) * (BETWEEN - 2 * _H)

    def _list_spans(self, one: Begun, start: datetime) -> Iterator[Span]:
        end = self._ends[-1] if one.until >= NIGHTS else self._draw_hour(one.until)
        for qid in one.fault.qubits:
            before, after = (some[qid] for some in (one.fault.before, one.fault.after))
            unfit_until = start if _is_fit(before) else self._ends[one.night] if _is_fit(after) else end
            yield Span(qid, one.fault.name.partition(":")[0], start, end, unfit_until)

    def _judge(self, qdash: QDash, number: int) -> None:
        """Read judgement and digest in the morning after a night."""
        access = qdash.access("admin")
        with qdash.store.read() as snapshot:
            judgement = qdash.get(JUDGEMENTS).read(Repositories(snapshot), access.project_id, CHIP)
        chip = qdash.get(CHIPS_SERVICE).show(access, CHIP)
        for qid in self._healthy.qubits:
            at, permits = self._ends[number], judgement.targets[qid].fitness.permits_use
            changed = chip.qubits[qid].status_at
            if changed is not None and self._starts[number] < changed < at:
                at = changed
            self._called[qid].append((at, permits))
        since = self._starts[number] - _BEFORE_CHECK
        digest = qdash.get(DIGESTS).make(access, CHIP, since=f"{since.astimezone(qdash.zone):%Y-%m-%dT%H:%M}")
        faulty = {
            qid
            for one in self._begun
            for qid in one.fault.qubits
            if one.is_on(number) or one.is_on(number - 1)
        }
        moved = [one.change.target for some in digest.moved for one in some.values]
        failed = [qid for group in digest.failures for qid in group.targets]
        flagged = [one.target for one in digest.flagged if one.is_new]
        doubtful = [qid for qid, _, one in judgement.iter_considered() if one.trust == "doubtful"]
        if not number or len(faulty) == len(self._healthy.qubits):
            return  # the first night has the same noise in every week
        for count, some in (
            (self._figures.moved, moved),
            (self._figures.flagged, flagged),
            (self._figures.failed, failed),
            (self._figures.doubtful, doubtful),
        ):
            count.append(sum(qid not in faulty for qid in some))
        if not faulty:
            self._figures.quiet.append(len(moved))

    def _compare(self, spans: Sequence[Span]) -> None:
        """Add up the hours in which the called fitness differs from the truth, from the first check to the last."""
        figures = self._figures
        for qid in self._healthy.qubits:
            own = [one for one in spans if one.qid == qid]
            limits = sorted(
                {
                    *(at for at, _ in self._called[qid]),
                    *(at for one in own for at in (one.start, one.unfit_until, one.end)),
                    *self._ends,
                }
            )
            for start, end in pairwise(limits):
                if not self._ends[0] <= start < self._ends[-1]:
                    continue
                unfit = next((one for one in own if one.start <= start < one.unfit_until), None)
                (*_, called) = (permits for at, permits in self._called[qid] if at <= start)
                hours = (end - start) / _H
                if unfit is not None and called:
                    figures.unfit_called_fit[unfit.name] += hours
                    if start >= self._find_next_check(unfit.start):
                        figures.beyond[unfit.name] += hours
                elif unfit is None and not called:
                    near = [one.name for one in own if one.start <= start] or ["none"]
                    figures.fit_called_unfit[near[-1]] += hours
                    ended = [one.end for one in own if one.end <= start]
                    on = any(one.start <= start < one.end for one in own)
                    if not on and not (ended and start < self._find_next_check(max(ended))):
                        figures.late[near[-1]] += hours

    def _find_next_check(self, moment: datetime) -> datetime:
        return next((one for one in self._ends if one >= moment), self._ends[-1])


def _is_fit(usability: Usability) -> bool:
    return (
        usability.readout >= MINIMUM["average_readout_fidelity"]
        and usability.gate >= MINIMUM["average_gate_fidelity"]
    )


def _advance(moment: datetime) -> None:
    clock = get_clock()
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(moment)


class _NightRecorder:
    """Recorder of generated nights as runs of `check`."""

    def __init__(self, qdash: QDash, truth: Truth, random: np.random.Generator, first: int) -> None:
        self._qdash, self._truth, self._random, self._first = qdash, truth, random, first
        self._access = qdash.access("admin")
        self._check: ExecutionModel = qdash.get(EXECUTIONS).newest(self._access, chip_id=CHIP, limit=1)[0]
        self._values = LatestValues(qdash.store, self._access.project_id, CHIP)
        header = qdash.get(CHIPS_SERVICE).show(self._access, CHIP).header
        states = TaskStateManager(
            ResultOrigin(project_id="", username="", chip_id="", execution_id="", backend=None)
        )
        registry = qdash.registry
        self._processor = ResultProcessor(
            registry.validators(),
            states,
            RecentResults(qdash.store, header.installed_at),
            quantities=registry.quantities(),
        )

    def record(self, number: int, night: Mapping[str, Sequence[Any]]) -> datetime:
        """Record a night, and return the end of its last result."""
        results = [one.result for some in night.values() for one in some if one.result.end_at is not None]
        results.sort(key=lambda one: (one.start_at or one.end_at or NEVER, one.qid, one.name))
        start = min(one.start_at for one in results if one.start_at is not None)
        end = max(one.end_at for one in results if one.end_at is not None)
        execution_id = f"{start:%Y%m%d}-{900 + number}"
        update = {
            "execution_id": execution_id,
            "start_at": start,
            "end_at": end,
            "created_at": start,
            "status": ExecutionStatus.COMPLETED,
        }
        with self._qdash.store.transaction() as transaction:
            Repositories(transaction).of(ExecutionRepository).add(self._check.model_copy(update=update))
        recorder = TaskHistoryRecorder(
            self._qdash.store, self._qdash.zone, status_rules=self._qdash.status_rules
        )
        for one in results:
            assert one.end_at is not None
            _advance(one.end_at)
            recorder.record_outcome(self._generate(one, execution_id, number))
        return end

    def _generate(self, measured: TaskResultModel, execution_id: str, number: int) -> TaskResultModel:
        """Return a result of a night: with the inputs of that time, drift, noise and a verdict."""
        known = self._values.get_values(measured.qid)
        inputs = {
            name: one
            if one.target is None or one.from_user or (now := known.get(one.parameter or "")) is None
            else one.model_copy(
                update={"value": now.value, "error": now.error, "unit": now.unit, "task_id": now.task_id}
            )
            for name, one in measured.input_parameters.items()
        }
        result = measured.model_copy(
            update={
                "task_id": str(UUID(bytes=self._random.bytes(16), version=4)),
                "execution_id": execution_id,
                "input_parameters": inputs,
            }
        )
        if measured.verdict is None or not measured.output_parameters:
            return result
        task = self._qdash.registry.any_task(measured.name, backend=measured.backend)
        output = TaskOutput(
            {
                name: self._vary(measured, name, one, number)
                for name, one in measured.output_parameters.items()
            },
            r2=measured.r2,
            quality=measured.quality,
        )
        assert measured.end_at is not None
        outcome = self._processor.process(
            task, result, output, previous=known, now=measured.end_at, complete=False
        )
        rejected = outcome.verdict == "rejected"
        return result.model_copy(
            update={
                "verdict": outcome.verdict,
                "reasons": [*outcome.reasons],
                "flagged_by": [*outcome.flagged_by],
                "output_parameters": dict(outcome.parameters),
                "status": TaskStatus.FAILED if rejected else TaskStatus.COMPLETED,
                "message": ""
                if outcome.verdict == "accepted"
                else f"{outcome.verdict}: {'; '.join(outcome.reasons)}",
            }
        )

    def _vary(self, measured: TaskResultModel, name: str, value: ParameterModel, number: int) -> Parameter:
        """Return a measured value on a later night: with the drift of the twin, and with noise of the size of its error."""
        number_now = self._truth.follow(
            measured.qid, name, float(value.value), value.unit, first=self._first, night=number
        )
        if value.error and number:
            number_now += value.error * float(self._random.standard_normal())
        return Parameter(number_now, value.error, value.unit)


def draw_weeks(faults: Sequence[Fault], count: int, *, seed: int) -> Iterator[tuple[Begun, ...]]:
    """Yield the faults of weeks: a fifth of the weeks have none; a user's value lasts for one night, and others may end."""
    random = np.random.default_rng(seed)
    for begun in iter_scenarios(faults, count, seed=seed):
        if random.random() < _SHARE_HEALTHY:
            yield ()
            continue
        ending = random.random(len(begun)) < _SHARE_ENDING
        yield tuple(
            replace(one, until=one.night + 1) if ends or one.fault.values else one
            for one, ends in zip(begun, ending, strict=True)
        )


def sum_weeks(weeks: Sequence[WeekFigures], *, nights: int) -> dict[str, Any]:
    """Return the figures of all weeks."""
    hours = {}
    for name in ("unfit_called_fit", "beyond", "fit_called_unfit", "late"):
        by_fault: Counter[str] = Counter()
        for week in weeks:
            by_fault.update(getattr(week, name))
        hours[name] = {
            "hours": round(sum(by_fault.values()), 1),
            "by fault": {kind: round(one, 1) for kind, one in by_fault.most_common()},
        }
    alarms = {}
    for name in ("moved", "flagged", "failed", "doubtful"):
        counts = [one for week in weeks for one in getattr(week, name)]
        alarms[name] = round(fmean(counts), 2) if counts else 0.0
    quiet = sorted(one for week in weeks for one in week.quiet)
    return {
        "nights": nights,
        "hours": hours,
        "alarms a night on healthy targets": alarms,
        "healthy nights": {
            "nights": len(quiet),
            "mean moved": round(fmean(quiet), 2) if quiet else 0.0,
            "most moved": quiet[-1] if quiet else 0,
            f"share with at most {MOST_MOVED}": round(fmean(one <= MOST_MOVED for one in quiet), 3)
            if quiet
            else 1.0,
        },
    }
