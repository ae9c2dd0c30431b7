"""Observer of the tool calls of one answer: limits their number and that of pictures, checks the rights of the user, and keeps the results."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AssistantError, QDashError
from qdash_core.process.cancellation import AbandonedError, allow_abandoning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_core.hooks.assistants import AssistantTool, ToolResult

MOST_PICTURES = 4
"""Maximum number of calls of an answer that return pictures."""
_ENDED = "the answer has ended"


class ToolObserver:
    """Observer of the tool calls of one answer.

    Parameters
    ----------
    is_stopped : callable
        Returns whether the answer has ended: then no tool reads anything, and one that is reading stops at its next checkpoint.
    check_access : callable
        Raises QDashError if the user has lost access.
    """

    def __init__(
        self,
        *,
        most_calls: int,
        is_stopped: Callable[[], bool],
        check_access: Callable[[], object],
    ) -> None:
        self._most_calls, self._is_stopped, self._check_access = most_calls, is_stopped, check_access
        self._lock = Lock()
        self._calls = self._drawn = 0
        self._documents: list[Mapping[str, Any]] = []

    @property
    def results(self) -> list[Mapping[str, Any]]:
        """Results of the calls so far, without pictures."""
        with self._lock:
            return [*self._documents]

    def observe(self, tools: Iterable[AssistantTool]) -> list[AssistantTool]:
        """Return tools whose calls are observed."""
        return [replace(tool, call=self._observe(tool)) for tool in tools]

    def _observe(self, tool: AssistantTool) -> Callable[[Mapping[str, Any]], ToolResult]:
        def call(arguments: Mapping[str, Any]) -> ToolResult:
            if self._is_stopped():
                raise AssistantError(_ENDED)
            self._count(tool)
            self._check_access()
            with allow_abandoning(self._is_stopped):
                result = _call(tool, arguments)
            with self._lock:
                self._documents.append(result.document)
            return result

        return call

    def _count(self, tool: AssistantTool) -> None:
        """Count a call; raise AssistantError if it is one too many."""
        with self._lock:
            self._calls += 1
            self._drawn += tool.draws
            if self._calls > self._most_calls:
                raise AssistantError(
                    f"all {self._most_calls} tool calls of this answer are used: answer with what is known"
                )
            if tool.draws and self._drawn > MOST_PICTURES:
                raise AssistantError(
                    f"this answer has reached its limit of {MOST_PICTURES} calls for pictures: use `figure_numbers` for other results"
                )


def _call(tool: AssistantTool, arguments: Mapping[str, Any]) -> ToolResult:
    """Call a tool; an unexpected error becomes one without its text, which may hold anything."""
    try:
        return tool.call(arguments)
    except QDashError:
        raise
    except AbandonedError:
        raise AssistantError(_ENDED) from None
    except Exception as error:
        raise AssistantError(f"the tool {tool.name} failed unexpectedly ({type(error).__name__})") from error
