"""Assistant that answers with a language model; the libraries are imported for the first answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from qdash_assistant.key_filter import KeyFilter
from qdash_assistant.settings import load_assistant_settings
from qdash_core.errors import AssistantError, InvalidInputError
from qdash_core.hooks.assistants import AssistantState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_core.hooks.assistants import AnswerLimits, AnswerPart, AssistantTool, Turn


class _CancelledError(Exception):
    """The answer is no longer wanted."""


class LanguageModelAssistant:
    """Assistant with a language model behind an OpenAI-compatible endpoint; off unless the settings name both.

    `clock` returns the time in seconds, from any origin.
    """

    name = "language-model"

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock

    def get_state(self) -> AssistantState:
        """Return whether the settings are complete, without a connection."""
        try:
            settings = load_assistant_settings()
            settings.read_key()
        except InvalidInputError as error:
            return AssistantState(self.name, ready=False, model=None, reason=str(error))
        reason = f"set {' and '.join(settings.missing)}" if settings.missing else ""
        return AssistantState(
            self.name,
            ready=not reason,
            model=settings.model,
            reason=reason,
            reads_pictures=settings.pictures,
        )

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn],
        context: Mapping[str, Any],
        tools: Sequence[AssistantTool],
        limits: AnswerLimits,
        cancelled: Callable[[], bool],
    ) -> Iterator[AnswerPart]:
        """Yield the parts of an answer; raise AssistantError if it cannot be completed."""
        state = self.get_state()
        if not state.ready:
            raise AssistantError(f"the assistant {self.name} is off: {state.reason}")
        # They take seconds to import, and are not needed by any other command.
        from qdash_assistant.answer import AnswerRun
        from qdash_assistant.endpoint import open_endpoint

        settings = load_assistant_settings()
        key = settings.read_key()
        key_filter = KeyFilter("" if key is None else key.get_secret_value())
        deadline = self._clock() + limits.max_seconds

        def check() -> None:
            if cancelled():
                raise _CancelledError
            if self._clock() > deadline:
                raise AssistantError(
                    f"the answer took more than its {limits.max_seconds:g} s: ask a narrower question, or ask again later"
                )

        try:
            with open_endpoint(settings, key_filter=key_filter, check=check) as endpoint:
                run = AnswerRun(
                    endpoint,
                    settings=settings,
                    key_filter=key_filter,
                    tools=tools,
                    limits=limits,
                    clock=self._clock,
                    check=check,
                )
                yield from run.run(question, history, context)
        except _CancelledError:
            return
