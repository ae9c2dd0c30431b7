"""Trust of the values of a target: the table of reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.measured_inputs import get_time
from qdash_builtin.metrics.judgement.moved_inputs import MOST_ERRORS
from qdash_builtin.values.long_t2 import describe_long_t2
from qdash_builtin.values.sets import find_broken_sets
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.chip_judgement import ValueJudgement
from qdash_core.models.estimates import Parameter, subtract
from qdash_core.models.judgement import FailureKind, Trust
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import get_target_kind
from qdash_core.models.times import format_duration
from qdash_core.models.units import convert_alike
from qdash_core.values.measuring_conditions import make_setting_histories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.metrics.judgement.evidence import ChipEvidence
    from qdash_core.models.chip import SettingChange, StoredAttempt, StoredOverride, StoredValue, StoredValues
    from qdash_core.values.measuring_conditions import SettingHistory

MOST_FAILURES = 1
"""Number of measurements in a row that may fail without effect on the trust of a value."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_TRUSTED = ValueJudgement(Trust.TRUSTED)
_ORDER = (Trust.DOUBTFUL, Trust.NOT_LOOKED_AT)
"""Trust of a value in use below trusted: the first that a reason leaves holds."""


@dataclass(frozen=True, slots=True)
class SignalLoss:
    """Confirmed loss of the signal of a target since the first measurement without it; `attempt` is the newest one."""

    since: datetime
    qid: str
    attempt: StoredAttempt


def find_signal_loss(target: StoredValues) -> SignalLoss | None:
    """Return the confirmed loss of the signal of a target whose status is failed, or None."""
    if target["status"] is not TargetStatus.FAILED:
        return None
    absent = [
        SignalLoss(since, target["qid"], one)
        for one in target.get("failures", {}).values()
        if (since := one.get("absent_since")) is not None
    ]
    return min(absent, key=lambda one: (one.since, one.attempt["task_id"]), default=None)


def judge_values(
    target: StoredValues,
    evidence: ChipEvidence,
    losses: Collection[SignalLoss],
    settings: Collection[SettingChange] = (),
    *,
    at: datetime,
) -> dict[str, ValueJudgement]:
    """Return the trust of the values of a target, without by-products.

    The losses of the signal are those of the target and, for a coupling, of its qubits; settings are those of their
    lines.
    """
    metrics = evidence.file.get_metrics(get_target_kind(target["qid"]))
    data, failures = target["data"], target.get("failures", {})
    judged = {*data, *failures} - {name for name, metric in metrics.items() if metric.by_product}
    of_target = _TargetEvidence(
        target,
        evidence,
        metrics,
        losses,
        _find_long_t2(data),
        _mark_broken_sets(data, evidence.declared.sets),
        [
            (one, _make_doubt(Mark.SETTING_CHANGED, str(one.last)))
            for one in make_setting_histories(change for change in settings if change.at <= at)
        ],
        at,
    )
    if of_target.undisputed:
        outdated = {name: of_target.judge(name, data[name]) for name in of_target.list_outdated() & judged}
        return {**dict.fromkeys(sorted(judged), _TRUSTED), **outdated}
    return {
        name: of_target.judge(name, data[name]) if name in data else _judge_absence(failures[name])
        for name in sorted(judged)
    }


@dataclass(frozen=True, slots=True)
class _TargetEvidence:
    """Evidence on the values of one target at a moment."""

    target: StoredValues
    evidence: ChipEvidence
    metrics: Mapping[str, Metric]
    losses: Collection[SignalLoss]
    long_t2: str | None
    broken: Mapping[str, ValueMark]
    settings: Sequence[tuple[SettingHistory, ValueMark]]
    at: datetime
    undisputed: bool = field(init=False)
    """True if no measurement of the target speaks against any of its values, as for almost all: only their age or inputs can."""

    def __post_init__(self) -> None:
        reports = (self.target.get(name) for name in ("failures", "disputes", "overrides"))
        undisputed = not any((*reports, self.losses, self.long_t2, self.broken, self.settings))
        object.__setattr__(self, "undisputed", undisputed)

    def judge(self, name: str, value: StoredValue) -> ValueJudgement:
        """Return the trust of a value in use."""
        marks = tuple(self._iter_marks(name, value))
        override = self.target.get("overrides", {}).get(name)
        if override is not None and self._is_running(name, value, override):
            doubts = [one for one in marks if one.trust is Trust.DOUBTFUL]
            marks = (*(one for one in marks if one not in doubts), _make_override_mark(override, doubts))
        return _decide(marks) if marks else _TRUSTED

    def _iter_marks(self, name: str, value: StoredValue) -> Iterator[ValueMark]:
        """Yield the reasons, in the order of `Mark`."""
        measured_at = get_time(value.get("calibrated_at"))
        metric = self.metrics.get(name)
        if measured_at is not None and metric is not None and metric.is_stale(measured_at, now=self.at):
            assert metric.age_limit is not None
            age_s = round((self.at - measured_at).total_seconds())
            yield _make_age_mark(age_s, metric.age_limit.total_seconds())
        failure = self.target.get("failures", {}).get(name)
        if failure is not None and failure.get("kind") != FailureKind.REJECTED_BY_USER:
            yield _make_failure_mark(failure, lost=bool(self.losses))
        if (moved := self.evidence.moved.get((self.target["qid"], name))) is not None:
            yield moved
        dispute = self.target.get("disputes", {}).get(name)
        if dispute is not None and (measured_at is None or dispute["measured_at"] > measured_at):
            flagged = self.evidence.flagged.get(dispute["task_id"], {}).get(name)
            yield _make_dispute_mark(dispute, value, flagged)
        if measured_at is not None and self._is_of_earlier_cooldown(measured_at):
            yield _make_doubt(Mark.OTHER_COOLDOWN, "measured before the current cool-down")
        if name == "t2_echo" and self.long_t2 is not None:
            yield _make_doubt(Mark.CONTRADICTED, self.long_t2)
        yield from _iter_loss_marks(self.losses, measured_at)
        if (broken := self.broken.get(name)) is not None:
            yield broken
        if self.settings and measured_at is not None:
            yield from self._iter_setting_marks(name, measured_at)

    def list_outdated(self) -> set[str]:
        """Return the parameters whose values are too old, of an earlier cool-down, or have an input that has moved."""
        qid, data = self.target["qid"], self.target["data"]
        moved = (
            {name for name in data if (qid, name) in self.evidence.moved} if self.evidence.moved else set()
        )
        if self.evidence.cooldown_started_at is None:
            aging = [name for name, metric in self.metrics.items() if metric.age_limit is not None]
        else:
            aging = [*data]
        return moved | {name for name in aging if name in data and self._is_aged(name, data[name])}

    def _is_aged(self, name: str, value: StoredValue) -> bool:
        """Return whether a value is too old or of an earlier cool-down."""
        metric, measured_at = self.metrics.get(name), get_time(value.get("calibrated_at"))
        return measured_at is not None and (
            self._is_of_earlier_cooldown(measured_at)
            or (metric is not None and metric.is_stale(measured_at, now=self.at))
        )

    def _iter_setting_marks(self, name: str, measured_at: datetime) -> Iterator[ValueMark]:
        """Yield a mark for each setting of the line of a value that changed since its measurement."""
        line = self.evidence.declared.lines.get(name)
        for history, mark in self.settings:
            if line in history.last.lines and history.differs(measured_at):
                yield mark

    def _is_running(self, name: str, value: StoredValue, override: StoredOverride) -> bool:
        """Return whether a user still trusts a value: the end is not reached, and no measurement and no cool-down began since."""
        since = override["since"]
        if not since <= self.at < override["until"] or override["task_id"] != value.get("task_id", ""):
            return False
        attempts = (
            one.get(name) for one in (self.target.get("failures", {}), self.target.get("disputes", {}))
        )
        times = [get_time(value.get("calibrated_at")), *(one and one["measured_at"] for one in attempts)]
        return all(one is None or one <= since for one in (*times, self.evidence.cooldown_started_at))

    def _is_of_earlier_cooldown(self, measured_at: datetime) -> bool:
        started_at = self.evidence.cooldown_started_at
        return started_at is not None and measured_at < started_at


def _decide(marks: tuple[ValueMark, ...]) -> ValueJudgement:
    """Return the trust that the reasons leave."""
    left = {one.trust for one in marks}
    return ValueJudgement(next((one for one in _ORDER if one in left), Trust.TRUSTED), marks)


def _judge_absence(failure: StoredAttempt) -> ValueJudgement:
    by_user = failure.get("kind") == FailureKind.REJECTED_BY_USER
    trust = Trust.WITHDRAWN if by_user else Trust.ABSENT
    return ValueJudgement(trust, (_make_mark(Mark.LAST_FAILED, failure, trust),))


def _make_failure_mark(failure: StoredAttempt, *, lost: bool) -> ValueMark:
    """Return the mark of a failure. One in a row, and an absent signal of a lost target, say nothing about the value."""
    times = _count(failure)
    if times <= MOST_FAILURES or (lost and failure.get("kind") == FailureKind.NO_SIGNAL):
        return _make_mark(Mark.LAST_FAILED, failure, Trust.TRUSTED)
    return ValueMark(
        mark=Mark.LAST_FAILED,
        reason=f"{times} measurements in a row gave no value, the last: {failure['text']}",
        task_id=failure["task_id"],
        trust=Trust.DOUBTFUL,
    )


def _make_dispute_mark(
    dispute: StoredAttempt, value: StoredValue, flagged: ParameterModel | None
) -> ValueMark:
    agrees = flagged is not None and _agrees(value, flagged)
    return _make_mark(Mark.DISPUTED, dispute, Trust.TRUSTED if agrees else Trust.DOUBTFUL)


def _agrees(value: StoredValue, other: ParameterModel) -> bool:
    """Return whether two values agree within three combined errors; False if no error is known."""
    unit = value.get("unit", "")
    converted = Parameter(other.value, other.error, other.unit)
    if converted.unit != unit:
        converted = convert_alike(converted, unit)
    combined = math.hypot(value.get("error") or 0.0, converted.error or 0.0)
    return abs(subtract(converted.value, value["value"], unit=unit)) <= MOST_ERRORS * combined


def _find_long_t2(data: Mapping[str, StoredValue]) -> str | None:
    """Return that the echo time is above twice the T1 of the same execution beyond errors, or None."""
    t1, t2 = data.get("t1"), data.get("t2_echo")
    if t1 is None or t2 is None or not (same := t1.get("execution_id")) or t2.get("execution_id") != same:
        return None
    if t1.get("unit") == t2.get("unit") and t2["value"] <= 2 * t1["value"]:
        return None
    known = {
        name: ParameterModel(value=one["value"], error=one.get("error"), unit=one.get("unit", ""))
        for name, one in (("t1", t1), ("t2_echo", t2))
    }
    return describe_long_t2(known, beyond=True)


def _mark_broken_sets(
    data: Mapping[str, StoredValue], sets: Mapping[str, Sequence[str]]
) -> dict[str, ValueMark]:
    """Return the mark of each value that is older than another part of its set."""
    origins = {name: one.get("task_id", "") for name, one in data.items()} if sets else {}
    marks: dict[str, ValueMark] = {}
    for title, members in find_broken_sets(origins, sets).items():
        known = [one for one in members if origins[one]]
        newest = max(
            known, key=lambda one: (get_time(data[one].get("calibrated_at")) or _NEVER, origins[one])
        )
        parts = [one for one in known if origins[one] == origins[newest]]
        reason = f"{summarize_names(parts)} of the set {title} comes from a newer result: the set is only valid as a whole"
        mark = ValueMark(mark=Mark.SET_BROKEN, reason=reason, task_id=origins[newest], trust=Trust.DOUBTFUL)
        marks |= dict.fromkeys((one for one in known if one not in parts), mark)
    return marks


def _make_override_mark(override: StoredOverride, doubts: Iterable[ValueMark]) -> ValueMark:
    """Return the mark of a value that a user trusts; it replaces its doubts."""
    until = f"{override['until']:%Y-%m-%d %H:%M} UTC"
    reason = f"{override['username']} trusts it until {until}: {override['reason']}"
    if lifted := "; ".join(one.reason for one in doubts):
        reason = f"{reason} (although: {lifted})"
    return ValueMark(mark=Mark.TRUSTED_BY_USER, reason=reason)


def _iter_loss_marks(losses: Iterable[SignalLoss], measured_at: datetime | None) -> Iterable[ValueMark]:
    """Yield the mark of the earliest loss of signal after a measurement."""
    later = [one for one in losses if measured_at is None or measured_at < one.since]
    if later:
        first = min(later, key=lambda one: (one.since, one.qid))
        yield ValueMark(
            mark=Mark.NO_SIGNAL,
            reason=f"{first.qid} has no signal since {first.since:%Y-%m-%d %H:%M} UTC ({first.attempt['text']})",
            task_id=first.attempt["task_id"],
            trust=Trust.NOT_LOOKED_AT,
        )


@lru_cache(maxsize=1024)
def _make_age_mark(age_s: int, limit_s: float) -> ValueMark:
    age, limit = (format_duration(one, whole=True) for one in (age_s, limit_s))
    return _make_doubt(Mark.TOO_OLD, f"measured {age} ago; the limit is {limit}")


def _make_doubt(mark: Mark, reason: str) -> ValueMark:
    return ValueMark(mark=mark, reason=reason, trust=Trust.DOUBTFUL)


def _make_mark(mark: Mark, attempt: StoredAttempt, trust: Trust) -> ValueMark:
    return ValueMark(mark=mark, reason=attempt["text"], task_id=attempt["task_id"], trust=trust)


def _count(attempt: StoredAttempt) -> int:
    """Return the number of measurements in a row; 1 for a record of an older version."""
    return attempt.get("times", 1)
