"""Selection of the assistant in use among those of plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import AssistantState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.hooks.assistants import Assistant


@dataclass(frozen=True, slots=True)
class AssistantSelection:
    """The assistant in use.

    Parameters
    ----------
    list_installed : callable
        Returns the assistants of plugins by name, in order of precedence.
    name : str or None
        Name of the assistant to use, or None for the first that is ready, or else the first.
    """

    list_installed: Callable[[], Mapping[str, Assistant]]
    name: str | None = None

    def get_state(self) -> AssistantState:
        """Return the state of the assistant in use, or why there is none."""
        found = self._find()
        return found if isinstance(found, AssistantState) else _get_state(found)

    def require_ready(self) -> tuple[Assistant, AssistantState]:
        """Return the assistant in use with its state; raise AssistantError if it cannot answer."""
        found = self._find()
        if isinstance(found, AssistantState):
            raise AssistantError(found.reason)
        state = _get_state(found)
        if not state.ready:
            raise AssistantError(f"the assistant {found.name} is off: {state.reason}")
        return found, state

    def _find(self) -> Assistant | AssistantState:
        """Return the assistant, or the state that says why there is none."""
        installed = self.list_installed()
        if self.name is not None and self.name not in installed:
            known = f"installed are {', '.join(installed)}" if installed else "none is installed"
            reason = f"there is no assistant {self.name!r} ({known}): change QDASH_ASSISTANT, or install it"
            return AssistantState(self.name, False, None, reason)
        if self.name is not None:
            return installed[self.name]
        if installed:
            assistants = [*installed.values()]
            return next((one for one in assistants if _get_state(one).ready), assistants[0])
        reason = (
            "no assistant is installed: `pip install --find-links RELEASE 'qdash[assistant]'` adds one"
            " (`qdash docs installation`); `qdash explain` needs none"
        )
        return AssistantState("", False, None, reason)


def _get_state(assistant: Assistant) -> AssistantState:
    try:
        return assistant.get_state()
    except Exception as error:  # noqa: BLE001  code of a plugin; its text may hold a key
        reason = f"its state cannot be read ({type(error).__name__})"
        return AssistantState(assistant.name, False, None, reason)
