"""Plugin that provides the assistant with a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core.hooks.assistants import Assistant


@hookimpl
def qdash_assistants() -> list[Assistant]:
    from qdash_assistant.assistant import LanguageModelAssistant

    return [LanguageModelAssistant()]
