"""The work pool, as one worker of QDash's is in it: what is there looked after, again and again, as long as the worker lives."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_prefect.asked import AskedRuns
from qdash_prefect.child import Child
from qdash_prefect.client import PrefectAwayError, PrefectClient, PrefectUnusableError
from qdash_prefect.flow_runs import FlowRuns
from qdash_prefect.mirror import Mirror
from qdash_prefect.names import name_of
from qdash_prefect.post import Post
from qdash_prefect.registration import Registration
from qdash_prefect.states import ACTIVE, Reporter

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runs.pools import Work
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_LOOK_S = 1.0
_AWAY_LOOKS = 10
"""So many looks in a row without an answer, and what waits for Prefect is given back."""
_TOLD_AT = 2
"""So many looks in a row without an answer are told: a server of many tasks at once misses one."""


class Pool:
    """What a worker has of Prefect. A context manager: nothing runs any more when the block is left.

    Parameters
    ----------
    work : Work
        The worker.
    settings : PrefectSettings
        Which server and pool.
    client : PrefectClient
        Of that server.
    """

    def __init__(self, work: Work, settings: PrefectSettings, client: PrefectClient) -> None:
        self._work, self._settings, self._client = work, settings, client
        self.name = name_of(work.owner)
        self._child = Child(settings, self.name, told=work.told)
        self._reporter = Reporter(client)
        self.mirror = Mirror(client, work.runtime, tasks=settings.task_runner)
        self._over, self._see = threading.Event(), threading.Event()
        self.flow_runs = FlowRuns(
            work,
            settings,
            client,
            reporter=self._reporter,
            mirror=self.mirror,
            queue=self.name,
            asked=AskedRuns(work, client, self._reporter).serve,
            changed=self._see.set,
        )
        self._registration = Registration(client, settings, work.runtime, queue=self.name)
        self._post = Post(arrived=self.flow_runs.arrived, polled=self._child.polled)
        self._looking = threading.Thread(target=self._look_again_and_again, name="qdash-pool", daemon=True)
        self._misses = 0
        self._held_up = ""
        """Why Prefect gives this worker nothing, though it answers."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._post)
        self._stack.callback(self._leave)
        self._stack.callback(self._child.end)
        self._looking.start()
        self._stack.callback(self._stop_looking)
        self._stack.enter_context(self._registration)
        self._stack.enter_context(self._reporter)
        self._stack.enter_context(self.mirror)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def can_begin(self) -> bool:
        """Whether Prefect would start a run here now."""
        return self._misses == 0 and not self._held_up and self._child.asks

    # ---------------------------------------------------------------------------------------------------- again and again

    def _look_again_and_again(self) -> None:
        while not self._over.is_set():
            try:
                self._look()
            except QDashError as error:  # the store is away, or Prefect refuses: it is tried again
                logger.warning("what Prefect does cannot be looked at, which is tried again: %s", error)
            except Exception:  # cancels must be seen whatever else goes wrong
                logger.exception("what Prefect does cannot be looked at, which is tried again")
            self._see.wait(_LOOK_S)
            self._see.clear()

    def _look(self) -> None:
        try:
            self.flow_runs.look()
            held_up = self._what_holds_up()
        except PrefectAwayError as error:
            self._is_away(error)
            return
        if self._misses:
            if self._misses >= _TOLD_AT:
                self._work.told(f"Prefect answers at {self._client.url}")
            if self._misses >= _AWAY_LOOKS:
                self._child.end()  # it would not hear of cancels any more: another one is started
            self._misses = 0
        if held_up not in ("", self._held_up):
            self._work.told(f"{held_up}: runs wait until it is not any more")
        self._held_up = held_up
        if self._registration.tried:
            self._child.keep_alive(self._post.told)

    def _what_holds_up(self) -> str:
        """Return who is paused, so that nothing would be started here; empty: nobody. The answer needs the password."""
        pool = f"/work_pools/{self._settings.pool}"
        for what, path in (("pool", pool), ("work queue", f"{pool}/queues/{self.name}")):
            try:
                if self._client.get(path)["is_paused"]:
                    return f"Prefect's {what} {path.rpartition('/')[2]} is paused"
            except NotFoundError:  # the registration makes it
                continue
        return ""

    def _is_away(self, error: PrefectAwayError) -> None:
        self._misses += 1
        if self._misses == _TOLD_AT:
            unusable = isinstance(error, PrefectUnusableError)
            why = str(error) if unusable else f"Prefect does not answer at {self._client.url}"
            self._work.told(f"{why}: runs wait until it does")
            logger.info("%s", error)
        if self._misses >= _AWAY_LOOKS:
            self.flow_runs.give_back(error)

    # ------------------------------------------------------------------------------------------------------------ the end

    def _stop_looking(self) -> None:
        self._over.set()
        self._see.set()
        self._looking.join()

    def _leave(self) -> None:
        """Take what is this worker's alone out of the pool; a queue with something active in it is left to who mends that."""
        pool = f"/work_pools/{self._settings.pool}"
        active = {
            "work_pools": {"name": {"any_": [self._settings.pool]}},
            "work_pool_queues": {"name": {"any_": [self.name]}},
            "flow_runs": {"state": {"type": {"any_": [*ACTIVE]}}},
        }
        with suppress(QDashError):
            self._client.delete(f"{pool}/workers/{self.name}")
        with suppress(QDashError):
            if not self._client.every("/flow_runs/filter", active):
                self._client.delete(f"{pool}/queues/{self.name}")
