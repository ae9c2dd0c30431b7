"""Reader of the inputs and accepted values of results, which keeps those of the chips that were read last."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.measured_inputs import list_measured_inputs
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_builtin.metrics.judgement.measured_inputs import MeasuredInputs
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_builtin.metrics.judgement.value_history import ValueHistory
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.repositories import Repositories

_MOST_CHIPS = 8
"""Number of chips whose history is kept."""
_MOST_INPUTS = 20_000
"""Number of results whose inputs are kept."""
_MOST_EVENTS = 400
"""Number of events since a history was read up to which it is extended."""
_KEPT_S = 600.0
"""Time after which a history is read anew, since events may have been removed, in seconds."""

_Place = tuple[str, str]
"""Project and chip."""


@dataclass(frozen=True)
class _KnownHistory:
    """History of a chip, as known at an event.

    Parameters
    ----------
    seq : int
        Number of the newest event then.
    installed_at : datetime
        Start of the history.
    read_s : float
        Monotonic time at which it was read as a whole.
    values : ValueHistory
        The accepted values.
    """

    seq: int
    installed_at: datetime
    read_s: float
    values: ValueHistory

    @cached_property
    def scatter(self) -> UsualScatter:
        """Usual scatter of the values."""
        return self.values.make_scatter()


class ResultReader:
    """Reader of the inputs and accepted values of results.

    It keeps the history of a chip and reads only the results that later events name, as those of a run do. After an event that names no
    result the history is read anew. Safe for threads.
    """

    def __init__(self) -> None:
        self._inputs: dict[tuple[str, str], MeasuredInputs] = {}
        self._histories: dict[_Place, list[_KnownHistory]] = {}
        self._lock = (
            RLock()
        )  # a history that another thread has read meanwhile is extended and kept under the lock

    def list_inputs(
        self, repositories: Repositories, project_id: str, task_ids: Iterable[str]
    ) -> list[MeasuredInputs]:
        """Return the inputs and values of the existing results among these ids, which have ended: they no longer change."""
        wanted = list(task_ids)
        known = {one: found for one in wanted if (found := self._inputs.get((project_id, one))) is not None}
        missing = [one for one in wanted if one not in known]
        read = list_measured_inputs(repositories.of(TaskResultHistoryRepository), project_id, missing)
        if missing and len(missing) <= _MOST_INPUTS:
            with self._lock:
                self._inputs.update({(project_id, one["task_id"]): one for one in read})
                for key in [*self._inputs][: max(0, len(self._inputs) - _MOST_INPUTS)]:
                    del self._inputs[key]
        return [*known.values(), *read]

    def read_scatter(self, repositories: Repositories, project_id: str, chip_id: str) -> UsualScatter:
        """Return the present usual scatter of a chip, see `value_history.read_usual_scatter`."""
        from qdash_builtin.metrics.judgement.value_history import read_usual_scatter  # needs numpy

        seq = repositories.of(EventRepository).get_last_seq(project_id)
        if (
            isinstance(repositories.scope, Transaction) or not seq
        ):  # the snapshot has changes without an event
            return read_usual_scatter(repositories, project_id, chip_id)
        header = repositories.of(ChipRepository).require(project_id, chip_id)
        found = self._extend(repositories, header, seq)
        if found is None:
            with self._lock:
                found = self._extend(repositories, header, seq) or self._read(repositories, header, seq)
        return found.scatter

    def _read(self, repositories: Repositories, header: ChipModel, seq: int) -> _KnownHistory:
        """Read a whole history, and keep it if it is the newest."""
        from qdash_builtin.metrics.judgement.value_history import read_value_history

        values = read_value_history(repositories, header)
        found = _KnownHistory(seq, header.installed_at, time.monotonic(), values)
        place = header.project_id, header.chip_id
        kept = self._histories.get(place, [])
        if all(one.seq < seq for one in kept):
            self._keep(place, [found])
        return found

    def _extend(self, repositories: Repositories, header: ChipModel, seq: int) -> _KnownHistory | None:
        """Return the kept history with the results that changed since, or None if it must be read anew."""
        from qdash_builtin.metrics.judgement.value_history import list_results

        place = header.project_id, header.chip_id
        for known in self._histories.get(place, ()):
            if (
                known.seq > seq
                or known.installed_at != header.installed_at
                or time.monotonic() - known.read_s > _KEPT_S
            ):
                continue
            if known.seq == seq:
                return known
            events = repositories.of(EventRepository).list_since(
                header.project_id, known.seq, limit=_MOST_EVENTS + 1
            )
            if len(events) > _MOST_EVENTS or not all(map(_names_changes, events)):
                return None
            changed = {one.task_id for one in events if one.task_id and one.chip_id == header.chip_id}
            read = list_results(repositories, header.project_id, changed)
            found = _KnownHistory(seq, known.installed_at, known.read_s, known.values.replace(changed, read))
            self._advance(place, found)
            return found
        return None

    def _advance(self, place: _Place, found: _KnownHistory) -> None:
        """Keep an extended history, and one from which older snapshots are extended."""
        with self._lock:
            kept = self._histories.get(place, [])
            if kept and kept[0].seq < found.seq:
                self._keep(
                    place, [found, kept[-1] if found.seq - kept[-1].seq < _MOST_EVENTS // 2 else kept[0]]
                )

    def _keep(self, place: _Place, kept: list[_KnownHistory]) -> None:
        self._histories.pop(place, None)
        for oldest in [*self._histories][: max(0, len(self._histories) + 1 - _MOST_CHIPS)]:
            del self._histories[oldest]
        self._histories[place] = kept


def _names_changes(event: EventModel) -> bool:
    """Return whether an event names the result that has changed, or none has."""
    return bool(event.task_id) or (event.kind.startswith("execution.") and event.kind != "execution.adopted")
