"""Qubits and couplings of a chip: values, and exclusion by users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.status_decision import decide_status
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_builtin.proposals.basis import make_basis
from qdash_builtin.values.selection import require_target
from qdash_core.errors import InvalidInputError, StaleError
from qdash_core.models.base import Note
from qdash_core.models.chip import TargetStatus
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.project import ProjectRole
from qdash_core.models.target_lists import format_targets, parse_targets
from qdash_core.models.targets import get_target_kind, parse_target_id
from qdash_core.models.times import format_day
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import ChipRepository, get_target_repository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository
from qdash_core.values.target_status import StatusRules, reassess_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import TargetJudgement
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.task import LatestResultModel
    from qdash_core.repositories.chips import TargetRepository
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class TargetView:
    """A qubit or coupling with its values and newest results.

    Parameters
    ----------
    state : QubitModel or CouplingModel
        Status, position or direction, design values, note, and the values in use.
    results : sequence of LatestResultModel
        The newest finished result of each task on it, in order of task name.
    seq : int
        Number of the newest event of the project, or 0 if there is none. This view does not change unless
        `seq` or `state.changed_at` does, except that values become too old.
    judgement : TargetJudgement or None
        Its fitness and the trust of its values, or None if they were not requested.
    """

    state: QubitModel | CouplingModel
    results: Sequence[LatestResultModel]
    seq: int
    judgement: TargetJudgement | None = None

    @property
    def marks(self) -> Mapping[str, Sequence[ValueMark]]:
        """Marks of the values in use that have any, by parameter."""
        return {} if self.judgement is None else self.judgement.marks


class TargetService:
    """Qubits and couplings of the chips of one store.

    Parameters
    ----------
    zone : ZoneInfo
        Time zone that defines the days of the daily copies.
    read_judgement : callable
        Returns the judgement of targets, given as project, chip and targets.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        read_judgement: Callable[[Repositories, str, str, Sequence[str]], Judgement] = lambda *_: Judgement(),
        status_rules: Callable[[], StatusRules] = StatusRules,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._read_judgement = read_judgement
        self._status_rules = status_rules
        self._store = store
        self._zone = zone
        self._clock = clock

    def show(self, access: Access, chip_id: str, target: str) -> TargetView:
        """Return a qubit or coupling of a chip with its values and the newest result of each task on it.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or `target` is not a valid id.
        """
        where = access.project_id, chip_id, parse_target_id(target)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            state = require_target(repositories, header, where[-1])
            results = repositories.of(LatestResultRepository).list_by_target(*where)
            judgement = self._read_judgement(repositories, *where[:2], [where[-1]])
            seq = repositories.of(EventRepository).get_last_seq(access.project_id)
            return TargetView(judgement.show(state), results, seq, judgement.targets.get(where[-1]))

    def set_aside(
        self,
        access: Access,
        chip_id: str,
        targets: str | Iterable[str],
        status: TargetStatus,
        note: str,
        *,
        basis: str | None = None,
    ) -> list[QubitModel | CouplingModel]:
        """Exclude the targets of a list such as `0..3, 7, 0-1` from all flows, or mark them as dead, with the reason as their note: all, or none.

        Parameters
        ----------
        basis : str or None
            The basis by `make_status_basis` that the caller has seen, or None to set them aside whatever their status is.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If the status is not one that sets a target aside, or the note is empty or too long.
        StaleError
            If the status or note of a target is no longer that of the basis.
        """
        access.require(ProjectRole.EDITOR)
        if not status.set_aside:
            raise InvalidInputError(
                f"a person excludes a target or calls it dead; runs say whether it is {status}"
            )
        return self._record_decisions(access, chip_id, targets, status, note, basis=basis)

    def take_back(
        self, access: Access, chip_id: str, targets: str | Iterable[str], note: str
    ) -> list[QubitModel | CouplingModel]:
        """Make the targets of a list that were set aside available to flows again: all, or none.

        They keep their values, and have the status from before they were set aside, unless they were measured or decided on since.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If the note is empty or too long.
        ConflictError
            If one is not set aside.
        """
        access.require(ProjectRole.EDITOR)
        return self._record_decisions(access, chip_id, targets, TargetStatus.PENDING, note)

    def _record_decisions(
        self,
        access: Access,
        chip_id: str,
        targets: str | Iterable[str],
        status: TargetStatus,
        content: str,
        *,
        basis: str | None = None,
    ) -> list[QubitModel | CouplingModel]:
        """Record a user's decision on the status of targets, each once, in one transaction."""
        named = parse_targets(targets)
        if not content.strip():
            raise InvalidInputError(f"{format_targets(named)} of chip {chip_id}: say why, in a note")
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            chip = repositories.of(ChipRepository).require(access.project_id, chip_id)
            if basis is not None:
                judgement = self._read_judgement(repositories, access.project_id, chip_id, named)
                states = {one: judgement.show(require_target(repositories, chip, one)) for one in named}
                if basis != make_status_basis(states):
                    raise StaleError(
                        f"the status or note of {format_targets(named)} of chip {chip_id} has changed: read it again, and decide"
                    )
            decided = [
                self._record_decision(repositories, access, chip, target, status, content) for target in named
            ]
            judgement = self._read_judgement(repositories, access.project_id, chip_id, named)
            return [judgement.show(one) for one in decided]

    def _record_decision(
        self,
        repositories: Repositories,
        access: Access,
        chip: ChipModel,
        target: str,
        status: TargetStatus,
        content: str,
    ) -> QubitModel | CouplingModel:
        """Record a decision on the status of a target, with the note, its log entry and today's copy."""
        now, project_id = self._clock(), access.project_id
        targets: TargetRepository[Any] = get_target_repository(repositories, target)
        scope = NoteScope.COUPLING if "-" in target else NoteScope.QUBIT
        known = targets.require(project_id, chip.chip_id, target)
        note = Note.create(content, username=access.username, before=known.note.changed_at, now=now)
        today = format_day(now, self._zone)
        decided = decide_status(known, status, note)
        targets.write_values(decided, former=known, recorded_date=today, cooldown_id=chip.current_cooldown_id)
        repositories.of(NoteEventRepository).append(
            note, project_id, scope, target, chip_id=chip.chip_id, extra={"status": status}
        )
        log_chip(
            repositories,
            project_id,
            chip.chip_id,
            "status",
            username=access.username,
            targets=[target],
            statuses={target: (known.status, decided.status)},
        )
        if status is TargetStatus.PENDING:
            rules = self._status_rules()
            names = rules.essential[get_target_kind(target)]
            reassess_target(repositories, chip, target, names, rules, today=today, now=now)
            decided = targets.require(project_id, chip.chip_id, target)
        return decided


def make_status_basis(states: Mapping[str, QubitModel | CouplingModel]) -> str:
    """Return the basis of a decision on the status of targets: their status and notes."""
    return make_basis({target: [one.status, one.note.content] for target, one in states.items()})
