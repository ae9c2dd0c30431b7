"""Asynchronous recorder of the last use of tokens and memberships."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from qdash_core.access.enrolment import USE_IS_NOTED_EVERY
from qdash_core.errors import QDashError
from qdash_core.models.access import Access
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.people.tokens import TokenService
    from qdash_core.models.caller import Caller

logger = logging.getLogger(__name__)

MAX_PENDING = 1000
"""Maximum number of pending uses; further ones are lost."""
_MAX_RECENT = 10_000
_CLOSING_S = 1.0

_Key = tuple[str, str]
"""Hash of a token, and the id of the project in which it was used or an empty string."""


class UseRecorder:
    """Recorder of the last use of tokens and memberships, each at most once a minute, by one thread. Safe for threads.

    A use is lost if the store is locked or too many uses are pending. `record_access` gets the name of the user and the
    id of the project.
    """

    def __init__(
        self,
        tokens: TokenService,
        record_access: Callable[[str, str], None],
        *,
        clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._tokens, self._record_access, self._clock = tokens, record_access, clock
        self._changed = threading.Condition()  # never held during access to the store
        self._recent: OrderedDict[_Key, datetime] = OrderedDict()
        self._pending: OrderedDict[_Key, Caller] = OrderedDict()
        self._closed = False
        self._thread = threading.Thread(target=self._write_all, name="qdash-last-use", daemon=True)
        self._thread.start()

    def record(self, caller: Caller) -> None:
        """Queue the use of a token, and of the membership in its project, to be written."""
        project_id = caller.project.project_id if isinstance(caller.project, Access) else ""
        key, now = (caller.token.token_hash, project_id), self._clock()
        with self._changed:
            last = self._recent.get(key)
            if last is not None and now - last < USE_IS_NOTED_EVERY:
                return
            if len(self._pending) >= MAX_PENDING:
                return
            self._recent[key] = now
            self._recent.move_to_end(key)
            if len(self._recent) > _MAX_RECENT:
                self._recent.popitem(last=False)
            self._pending[key] = caller
            self._changed.notify()

    def close(self) -> None:
        """Write the pending uses, unless the store is locked, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(_CLOSING_S)

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closed)
                if not self._pending:
                    return
                _, caller = self._pending.popitem(last=False)
            try:
                self._write(caller)
            except Exception as error:  # the boundary of the thread
                is_expected = isinstance(error, QDashError)
                logger.log(
                    logging.INFO if is_expected else logging.ERROR,
                    "the last use of a token is not recorded: %s",
                    error,
                    exc_info=None if is_expected else error,
                )
                if self._closed:
                    return

    def _write(self, caller: Caller) -> None:
        self._tokens.record_use(caller.token)
        if isinstance(caller.project, Access):
            self._record_access(caller.username, caller.project.project_id)
