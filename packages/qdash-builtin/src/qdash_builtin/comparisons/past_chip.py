"""Chip as it was known at an earlier time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from qdash_builtin.values.former_values import FormerValues
from qdash_builtin.values.reversion import find_former_states
from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
from qdash_core.repositories.chips import EvidenceChangeRepository
from qdash_core.repositories.cooldowns import CooldownRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.values.former_decisions import FormerDecisions
    from qdash_builtin.values.reversion import FormerState
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel, FormerEvidence
    from qdash_core.models.specification import Specification
    from qdash_core.repositories.repositories import Repositories

_MOST_TIMES = 4
"""Number of times for which it is kept what has changed since."""
T = TypeVar("T", QubitModel, CouplingModel)


@dataclass(frozen=True, slots=True)
class PastChip:
    """Chip with the values, directions, statuses, newest outcomes, notes, cool-down and specification that were known at an earlier time.

    Targets of unknown status are pending.
    """

    chip: Chip
    at: datetime
    decisions: FormerDecisions

    @property
    def unknown(self) -> frozenset[str]:
        """Targets whose status at that time is unknown: it changed before statuses were recorded."""
        every: list[QubitModel | CouplingModel] = [
            *self.chip.qubits.values(),
            *self.chip.couplings.values(),
        ]
        return frozenset(one.qid for one in every if _is_unknown(one, self.at))


class PastChipReader:
    """Reader of chips at earlier times. It keeps the changes since the times that were read last. Safe for threads."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], FormerValues] = {}
        self._lock = Lock()

    def read(self, repositories: Repositories, chip: Chip, moment: datetime) -> PastChip:
        """Return a chip as `read_past_chip`; `repositories` are not those of a transaction."""
        where = chip.header.project_id, chip.header.chip_id
        key = *where, chip.header.created_at, moment
        with self._lock:
            former = self._kept.pop(key, None)
            if former is None:
                former = FormerValues(repositories, *where, moment)
            else:
                former.extend(repositories)
            for oldest in [*self._kept][: max(0, len(self._kept) + 1 - _MOST_TIMES)]:
                del self._kept[oldest]
            self._kept[key] = former
            return read_past_chip(repositories, chip, moment, former)


def read_past_chip(
    repositories: Repositories, chip: Chip, moment: datetime, former: FormerValues | None = None
) -> PastChip:
    """Return a chip as it was known at a time, in a fixed number of queries.

    Values, directions and decisions follow from the log of value events; statuses, outcomes and notes from the copies that are kept before
    each change. `chip` is the present chip, from the snapshot of `repositories`. `former` are the values before the value events since then, or
    None to read them.
    """
    where = chip.header.project_id, chip.header.chip_id
    former = former or FormerValues(repositories, *where, moment)
    values = find_former_states([*chip.qubits.values(), *chip.couplings.values()], former, moment)
    evidence: dict[str, FormerEvidence] = {}
    for change in repositories.of(EvidenceChangeRepository).list_since(*where, moment):
        evidence.setdefault(change.qid, change.before)

    def restore(targets: Mapping[str, T]) -> dict[str, T]:
        return {qid: _restore(one, values[qid], evidence.get(qid), moment) for qid, one in targets.items()}

    header = chip.header.model_copy(
        update={
            "current_cooldown_id": _find_cooldown(repositories, chip, moment),
            "specification": _find_specification(chip.header, moment),
        }
    )
    past = replace(chip, header=header, qubits=restore(chip.qubits), couplings=restore(chip.couplings))
    return PastChip(past, moment, former.decisions)


def read_judged_past_chip(
    repositories: Repositories, chip: Chip, moment: datetime, judgements: JudgementReader
) -> PastChip:
    """Return a chip as it was known at a time, with its judgement of that time."""
    from qdash_builtin.metrics.judgement.value_history import read_usual_scatter  # needs numpy

    past = read_past_chip(repositories, chip, moment)
    where = chip.header.project_id, chip.header.chip_id
    scatter = read_usual_scatter(repositories, *where, until=moment, restore=past.decisions.restore_measured)
    judgement = judgements.judge_past(repositories, past.chip, moment, scatter)
    return replace(past, chip=past.chip.judge(judgement))


def _restore(target: T, values: FormerState, evidence: FormerEvidence | None, moment: datetime) -> T:
    """Return a target with former values and evidence.

    Copies are kept only since a version of QDash, so `evidence` may be from after that time: its later outcomes are left out.
    """
    kept = target if evidence is None else target.model_copy(update=dict(evidence))
    outcomes = {
        field: {name: one for name, one in getattr(kept, field).items() if one.ended_at <= moment}
        for field in ("failures", "disputes")
    }
    changes: dict[str, object] = {"data": dict(values.values), **outcomes}
    changes |= {"status": TargetStatus.PENDING, "status_reason": None} if _is_unknown(kept, moment) else {}
    changes |= {"control": values.control} if isinstance(target, CouplingModel) else {}
    return kept.model_copy(update=changes)


def _is_unknown(target: QubitModel | CouplingModel, moment: datetime) -> bool:
    """Return whether the status of a target is from after a time."""
    return target.status_at is not None and target.status_at > moment


def _find_specification(header: ChipModel, moment: datetime) -> Specification:
    """Return what was asked of the values of a chip at a time, without limits that were asked later, whose former ones a chip may not have kept."""
    known = next(
        (one.asked for one in header.former_specifications if moment < one.until), header.specification
    )
    return {name: one for name, one in known.items() if one.asked_at <= moment}


def _find_cooldown(repositories: Repositories, chip: Chip, moment: datetime) -> str | None:
    """Return the cool-down that a chip was in at a time, as recorded at that time, or None."""
    where = chip.header.project_id, chip.header.chip_id
    return next(
        (
            one.cooldown_id
            for one in repositories.of(CooldownRepository).list_by_chip(*where)
            if one.created_at <= moment and one.includes(moment)
        ),
        None,
    )
