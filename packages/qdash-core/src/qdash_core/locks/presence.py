"""Registration of processes that perform runs, and detection of dead ones."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, TypeVar

from qdash_core.locks.liveness import Liveness, assess_liveness, held_here
from qdash_core.locks.process_heartbeats import ProcessHeartbeat, make_process_mark
from qdash_core.models.process_marks import ProcessMark
from qdash_core.models.queue import PresenceModel
from qdash_core.process.clock import machine_now
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from types import TracebackType
    from typing import Literal, Self

    from qdash_core.repositories.store import Store

M = TypeVar("M", bound=ProcessMark)


class ProcessRegistration:
    """Registration of this process in the store during a block. A context manager.

    `ttl_s` is the lifetime of a row without renewal, in seconds; it is renewed every third of it.
    """

    def __init__(
        self,
        store: Store,
        kind: Literal["worker", "command"],
        *,
        ttl_s: float,
        username: str = "",
        clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self.owner = str(uuid.uuid4())
        self._store = store
        mark = make_process_mark(self.owner, ttl_s=ttl_s, now=clock())
        self._row = PresenceModel(**dict(mark), kind=kind, username=username)
        self._heartbeat = ProcessHeartbeat(
            self._row,
            what="the sign that this process is there",
            clock=clock,
            extend=self._extend,
            find_reason=lambda _row: None,
            on_lost=lambda _reason: None,
        )

    def __enter__(self) -> Self:
        held_here.add(self.owner)
        Repositories(self._store).of(PresenceRepository).put(self._row)
        self._heartbeat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heartbeat.stop()
        try:
            Repositories(self._store).of(PresenceRepository).remove(self.owner)
        finally:
            held_here.discard(self.owner)

    def _extend(self, row: PresenceModel) -> None:
        presences = Repositories(self._store).of(PresenceRepository)
        if not presences.extend(row):
            presences.put(row)  # somebody took it for dead while the store was away from here


class LiveProcesses:
    """Live processes: those of this host are looked up, those of other hosts are watched.

    `monotonic` returns seconds that no change of the clock moves.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = machine_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._seen: dict[str, tuple[int, float]] = {}

    def select_live(self, marks: Iterable[M]) -> dict[str, M]:
        """Return the marks (presences or locks) whose process lives, or may live, by owner.

        An expired one on another host counts as dead once it has been watched for its lifetime without being renewed.
        """
        return {one.owner: one for one in marks if self._may_live(one)}

    def _may_live(self, mark: ProcessMark) -> bool:
        found = assess_liveness(mark, self._clock())
        if found is not Liveness.DOUBTFUL:
            return found is Liveness.ALIVE
        now = self._monotonic()
        renewals, since = self._seen.get(mark.owner, (-1, now))
        if renewals != mark.renewals:
            self._seen[mark.owner] = mark.renewals, now
            return True
        return now - since < mark.ttl_s
