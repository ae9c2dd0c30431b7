"""The key appears in the requests to the endpoint, and nowhere else."""

from __future__ import annotations

import json
import logging
import traceback
import warnings
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_assistant.assistant import LanguageModelAssistant
from qdash_assistant.key_filter import KeyFilter
from qdash_assistant.settings import load_assistant_settings
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import ToolCallPart
from tests.assistant.conftest import KEY, LIMITS, ask, make_event, make_tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint

    Serve = Callable[..., ScriptedEndpoint]

PIECES = [KEY[:5], KEY[5:11], KEY[11:]]
ESCAPED = json.dumps({"chip": KEY}).replace(KEY, "".join(f"\\u{ord(character):04x}" for character in KEY))
HOSTILE = [
    {"text": ["Your key is ", *PIECES, "."], "tool_calls": [{"name": KEY, "arguments": ESCAPED}]},
    {"text": ["Again: ", *PIECES], "cut": True},
]


def test_an_endpoint_that_returns_the_key_does_not_make_it_appear(
    serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint = serve(*HOSTILE)

    asked = ask(tools=[make_tool()])

    assert {request.headers["authorization"] for request in endpoint.requests} == {f"Bearer {KEY}"}
    assert [call.arguments for call in asked.all_of(ToolCallPart)] == [{"chip": "[key]"}]
    assert asked.text == "Your key is [key].\n\nAgain: [key]"
    shown = f"{asked.parts!r} {asked.error} {load_assistant_settings()!r} {LanguageModelAssistant().get_state()!r}"
    assert KEY not in shown
    assert KEY not in caplog.text
    assert KEY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("count", [KEY, {"a": KEY}], ids=["text", "object"])
def test_the_key_in_the_token_counts_is_in_no_warning(
    serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], count: object
) -> None:
    caplog.set_level(logging.DEBUG)
    details = {
        "completion_tokens_details": {"reasoning_tokens": count, "audio_tokens": count},
        "prompt_tokens_details": {"cached_tokens": count},
    }
    totals = {"prompt_tokens": count, "completion_tokens": count, "total_tokens": count}
    numbers = dict.fromkeys(totals, 7)
    for usage in (numbers | details, totals, totals | details, {KEY: count}, count):
        events = [make_event({"content": "Hi"}), make_event({}, finish="stop"), make_event(None, usage=usage)]
        serve({"raw": "".join(events)})
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            asked = ask()

        shown = f"{asked.parts!r} {asked.error} {[str(one.message) for one in caught]}"
        assert KEY not in shown
    assert KEY not in caplog.text
    assert KEY not in "".join(capfd.readouterr())


def test_a_traceback_with_all_causes_does_not_hold_the_key(serve: Serve) -> None:
    serve({"status": 401, "body": f'{{"error": {{"message": "wrong key {KEY}"}}}}'})
    assistant = LanguageModelAssistant()

    with pytest.raises(AssistantError, match="refuses the key") as failure:
        list(assistant.answer("?", history=(), context={}, tools=(), limits=LIMITS, cancelled=lambda: False))

    assert KEY not in "".join(traceback.format_exception(failure.value))


def test_the_key_of_a_file_is_sent_and_one_from_another_program_is_not(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "foreign")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-foreign: foreign")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    endpoint = serve({"text": "Yes."}, KEY="")

    assert ask().text == "Yes."
    monkeypatch.setenv("QDASH_ASSISTANT_KEY_FILE", str(tmp_path / "key"))
    assert ask().text == "Yes."

    first, second = (request.headers for request in endpoint.requests)
    assert "authorization" not in first
    assert second["authorization"] == f"Bearer {KEY}"
    assert "foreign" not in repr(first)


def test_a_redirect_is_not_followed_with_the_key(serve: Serve) -> None:
    other = serve({"text": "Caught."})
    endpoint = serve({"status": 308, "headers": {"location": f"{other.url}/chat/completions"}})

    assert "is not followed" in str(ask().error)
    assert (len(endpoint.requests), other.requests) == (1, [])


@given(
    st.lists(
        st.sampled_from([*PIECES, KEY, KEY[:-1], KEY[1:], KEY[:9], *KEY[-9:], "k-", "word "]), max_size=12
    )
)
def test_no_division_into_pieces_lets_the_key_or_a_long_part_of_it_through(pieces: list[str]) -> None:
    key_filter, whole = KeyFilter(KEY), "".join(pieces)

    shown = "".join(key_filter.feed(piece) for piece in pieces) + key_filter.flush()

    assert not any(part in shown for n in range(8, len(KEY) + 1) for part in (KEY[:n], KEY[-n:]))
    assert shown == "".join(key_filter.feed(character) for character in whole) + key_filter.flush()
    assert key_filter.hide(whole) == shown


@pytest.mark.parametrize("part", [KEY[:-1], KEY[1:], KEY[:8], KEY[-8:]])
def test_a_part_of_the_key_is_hidden_in_a_text_of_single_characters(part: str) -> None:
    key_filter = KeyFilter(KEY)
    text = f"It is {part}, as said: sk-lab."

    shown = "".join(key_filter.feed(character) for character in text) + key_filter.flush()

    assert shown == "It is [key], as said: sk-lab."
