"""The language model keeps the contract of assistants, with a model that calls a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_assistant.assistant import LanguageModelAssistant
from qdash_testing import AssistantContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
    from qdash_core.hooks.assistants import Assistant


class TestLanguageModelAssistant(AssistantContract):
    @pytest.fixture(autouse=True)
    def endpoint(self, serve: Callable[..., ScriptedEndpoint]) -> None:
        call = {"name": "chip_values", "arguments": {"chip_id": "chip"}}
        serve({"text": "I look.", "tool_calls": [call]}, {"text": "T1 is 82.1 us."}, PICTURES="1")

    def make_assistant(self) -> Assistant:
        return LanguageModelAssistant()
