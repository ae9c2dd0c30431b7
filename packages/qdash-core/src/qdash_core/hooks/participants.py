"""Participation of plugins in runs, changes of values and authentication: each call has a time limit."""

from __future__ import annotations

import copy
import inspect
import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.hooks.plugin_failures import forget_failure, record_failure
from qdash_core.hooks.plugin_output import divert_output
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.hooks.planned_run import PlannedRun
    from qdash_core.models.authentication import AuthenticationAttempt

logger = logging.getLogger(__name__)

LIMIT_S = 5.0
"""Time limit of one call of a plugin, in seconds."""
GRACE_S = 5.0
"""Longest wait for observers at the end of a run or process, in seconds."""
_MOST_WAITING = 10_000
"""Largest number of observations that wait for slow plugins; further ones are dropped."""


class Participant(NamedTuple):
    """Plugin that implements a hook.

    `call` calls its implementation by keyword and returns the answer, or raises PluginError.
    """

    plugin: PluginCandidate
    call: Callable[..., object]


@dataclass(slots=True)
class Participants:
    """Calls of the plugins that implement a hook about something that happens. Safe for threads.

    Every plugin gets a copy, in a thread of its own. If it raises, or exceeds its time limit, that is one warning in
    the log, and its last failure in `qdash plugins list`; the others are called all the same. A plugin that hangs is
    not called again until its call has returned. Failures are recorded in `home`.
    """

    find: Callable[[str], Sequence[Participant]]
    home: Path
    limit_s: float = LIMIT_S
    _hanging: dict[str, threading.Thread] = field(default_factory=dict)
    _waiting: deque[tuple[str, str, object]] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _observing: bool = False
    _dropping: bool = False

    def refuse_run(self, plan: PlannedRun) -> None:
        """Raise InvalidInputError with the reason of the first plugin that refuses a run."""
        for participant, answer in self._ask("qdash_run_planned", "plan", plan):
            if isinstance(answer, str) and answer.strip():
                raise InvalidInputError(
                    f"the plugin {participant.plugin.name!r} refuses this run: {answer.strip()}"
                )
            if answer is not None:
                self._report(participant, "qdash_run_planned returned neither a reason nor None")

    def authenticate(self, attempt: AuthenticationAttempt) -> str | None:
        """Return the name of the user whom the first plugin that knows the caller names, or None."""
        for participant, answer in self._ask("qdash_authentication", "attempt", attempt):
            if isinstance(answer, str) and answer:
                return answer
            if answer is not None:
                self._report(participant, "qdash_authentication returned neither a user name nor None")
        return None

    def call(self, hook: str, argument: str, value: object) -> None:
        """Call each observer of a hook now, and wait for it within its time limit."""
        for _ in self._ask(hook, argument, value):
            pass

    def tell(self, hook: str, argument: str, value: object) -> None:
        """Call each observer of a hook soon, in the background and in the order of these calls."""
        if not self.find(hook):
            return
        with self._changed:
            dropped = len(self._waiting) >= _MOST_WAITING
            if not dropped:
                self._waiting.append((hook, argument, copy.deepcopy(value)))
            if dropped and not self._dropping:
                logger.warning("plugins observe too slowly: %s and what follows is not observed", hook)
            self._dropping = dropped
            if not self._observing:
                self._observing = True
                threading.Thread(target=self._observe, name="qdash-observers", daemon=True).start()

    def finish(self, *, grace_s: float = GRACE_S) -> None:
        """Wait until everything told has been observed, at most `grace_s` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._observing, grace_s):
                logger.warning("%d changes were not observed by plugins in time", len(self._waiting) + 1)
                self._waiting.clear()

    def _observe(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._observing = False
                    self._changed.notify_all()
                    return
                hook, argument, value = self._waiting.popleft()
            self.call(hook, argument, value)

    def ask(self, participant: Participant, name: str, **arguments: object) -> Any:
        """Return the answer of a plugin to a call with this name; raise PluginError if it gives none, which is recorded until the call works."""
        if self._is_hanging(participant):
            raise PluginError(f"an earlier call of {participant.plugin.description} has not returned")
        try:
            answer = self._call(participant, name, arguments)
        except PluginError as error:
            self._report_error(participant, name, error, call=name)
            raise
        forget_failure(self.home, participant.plugin.name, name)
        return answer

    def _ask(self, hook: str, argument: str, value: object) -> Iterator[tuple[Participant, object]]:
        """Yield the answer of each plugin that gave one."""
        for participant in self.find(hook):
            if self._is_hanging(participant):
                continue
            try:
                answer = self._call(participant, hook, {argument: copy.deepcopy(value)})
            except PluginError as error:
                self._report_error(participant, hook, error)
            else:
                yield participant, answer

    def _is_hanging(self, participant: Participant) -> bool:
        hanging = self._hanging.get(participant.plugin.name)
        return hanging is not None and hanging.is_alive()

    def _call(self, participant: Participant, name: str, arguments: dict[str, object]) -> object:
        """Return the answer to a call in a thread of its own; raise PluginError if it fails, or exceeds the time limit."""
        call = _Call(participant, arguments)
        plugin = participant.plugin.name
        thread = threading.Thread(target=call.run, name=f"qdash-plugin-{plugin}", daemon=True)
        thread.start()
        thread.join(self.limit_s)
        if thread.is_alive():
            self._hanging[plugin] = thread
            raise PluginError(
                f"{name} took longer than {self.limit_s:g} s; the plugin is not called again until it returns"
            )
        if inspect.iscoroutine(call.answer):
            call.answer.close()
            raise PluginError(f"{name} is asynchronous: write it as a plain function")
        if call.error:
            raise PluginError(call.error) from call.raised
        return call.answer

    def _report_error(
        self, participant: Participant, name: str, error: PluginError, *, call: str = ""
    ) -> None:
        """Report a failed call, with the text of an error of the plugin for administrators only."""
        raised, module = error.__cause__, participant.plugin.module
        brief = raised and f"{name} raised {describe_error(raised, module=module, with_text=False)}"
        self._report(participant, str(error), brief=brief or "", call=call)

    def _report(self, participant: Participant, reason: str, *, brief: str = "", call: str = "") -> None:
        plugin, line = participant.plugin, " ".join(reason.split())
        logger.warning("%s: %s", plugin.description, line)
        record_failure(
            self.home,
            plugin.name,
            plugin.version,
            brief or line,
            full_reason=line if brief else "",
            call=call,
        )


class _Call:
    """One call of a plugin, in a thread."""

    def __init__(self, participant: Participant, arguments: dict[str, object]) -> None:
        self._participant, self._arguments = participant, arguments
        self.answer: object = None
        self.error = ""
        self.raised: BaseException | None = None

    def run(self) -> None:
        try:
            with divert_output():
                self.answer = self._participant.call(**self._arguments)
        except PluginError as error:
            self.error, self.raised = str(error), error.__cause__ or error
        except BaseException as error:  # noqa: BLE001  a plugin's code, in a thread of its own
            self.error, self.raised = describe_error(error), error
