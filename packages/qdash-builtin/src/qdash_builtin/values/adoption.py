"""Adoption of the values of a simulated execution by its chip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.measured_chips import refuse_while_measured
from qdash_builtin.values.reassessment import reassess_event
from qdash_builtin.values.value_transfer import plan_transfer
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.locks.liveness import is_live
from qdash_core.models.execution import Adoption
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.record.run_attempts import make_execution_event
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.values.scopes import ScopeContents, group_accepted
from qdash_core.values.target_status import StatusRules
from qdash_core.values.writer import EventOrigin, write_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.values.value_transfer import ValueTransfer
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class AdoptedValues:
    """Adopted values of a simulated execution; `transfer` also has the newer values of the chip, which stay."""

    execution: ExecutionModel
    transfer: ValueTransfer


class AdoptionService:
    """Service for the adoption of simulated values; `zone` defines the days of the daily copies."""

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        status_rules: Callable[[], StatusRules] = StatusRules,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._status_rules = status_rules
        self._store = store
        self._zone = zone
        self._clock = clock

    def adopt(self, access: Access, execution_id: str, *, chip_id: str) -> AdoptedValues:
        """Make the accepted values of a simulated execution the chip's, in one transaction.

        Values that were measured after them stay. The adopted values remain marked as simulated.

        Parameters
        ----------
        access : Access
            Access of an editor.
        chip_id : str
            Id of its chip, as the user typed it to confirm.

        Raises
        ------
        NotFoundError
            If there is no such execution, or its chip was deleted.
        InvalidInputError
            If it was not simulated, or the id is that of another chip. Nothing is written.
        ConflictError
            If it has not ended, was adopted before, or has no accepted value that would become the chip's, or its chip was deleted and
            created again.
        LockedError
            If a run is measuring the chip.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            now, repositories = self._clock(), Repositories(transaction)
            execution = repositories.of(ExecutionRepository).require(access.project_id, execution_id)
            header = _require_adoptable(repositories, execution, chip_id)
            # A run reads directions at its start: its results would no longer fit those of the chip.
            refuse_while_measured(repositories, access.project_id, chip_id, is_live)
            results = group_accepted(
                repositories.of(TaskResultHistoryRepository).list_values_by_execution(
                    access.project_id, execution_id
                )
            )
            if not results:
                raise ConflictError(f"execution {execution_id} has no accepted value to adopt")
            transfer = plan_transfer(repositories, header, ScopeContents(results))
            adopted = execution.model_copy(
                update={"adopted": Adoption(username=access.username, adopted_at=now), "updated_at": now}
            )
            written = write_event(
                repositories,
                access.project_id,
                chip_id,
                EventOrigin(
                    ValueEventKind.ADOPTED,
                    access.username,
                    execution_id=execution_id,
                ),
                transfer.edits,
                today=format_day(now, self._zone),
                cooldown_id=header.current_cooldown_id,
                now=now,
            )
            if written is None:
                raise ConflictError(
                    f"every value of execution {execution_id} is older than that of chip {chip_id}, or the same: there is nothing to adopt"
                )
            repositories.of(ExecutionRepository).replace(adopted, was=execution.status)
            today = format_day(now, self._zone)
            reassess_event(repositories, header, written, self._status_rules, today=today, now=now)
            event = make_execution_event(adopted, "adopted")
            repositories.of(EventRepository).append(
                event.model_copy(update={"data": {**event.data, "username": access.username}})
            )
        return AdoptedValues(adopted, transfer)


def _require_adoptable(repositories: Repositories, execution: ExecutionModel, chip_id: str) -> ChipModel:
    """Return the header of the chip of a simulated execution that can be adopted."""
    named = f"execution {execution.execution_id}"
    if not execution.simulated:
        raise InvalidInputError(f"{named} was not simulated: there is nothing to adopt")
    if execution.request is not None and not execution.request.saved:
        raise InvalidInputError(f"{named} was a trial: run it with --save to adopt its values")
    if chip_id != execution.chip_id:
        raise InvalidInputError(
            f"{named} belongs to chip {execution.chip_id}, not {chip_id!r}: confirm with the id of its chip to adopt its values"
        )
    if execution.adopted is not None:
        raise ConflictError(f"{named} was adopted already, by {execution.adopted.username}")
    if not execution.status.terminal:
        raise ConflictError(f"{named} is {execution.status}: adopt its values after its end")
    header = repositories.of(ChipRepository).require(execution.project_id, chip_id)
    if execution.start_at is not None and header.created_at > execution.start_at:
        raise ConflictError(f"chip {chip_id} was deleted and created again since {named}")
    return header
