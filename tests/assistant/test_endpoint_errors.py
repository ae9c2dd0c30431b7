"""Errors of an endpoint: a sentence with the remedy, and the text so far is kept."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from qdash_assistant import transport
from qdash_assistant.testing.script import ScriptedTurn
from qdash_core.hooks.assistants import UsagePart
from tests.assistant.conftest import KEY, ask, make_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint

    Serve = Callable[..., ScriptedEndpoint]


def error_body(message: str, **fields: str) -> str:
    return json.dumps({"error": {"message": message, **fields}})


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (
            {"status": 401, "body": error_body(f"Incorrect API key provided: {KEY}")},
            "refuses the key: check QDASH_ASSISTANT_KEY or",
        ),
        ({"status": 403, "body": "no"}, "refuses the key"),
        (
            {"status": 404, "body": error_body("no model", code="model_not_found")},
            "does not know the model scripted",
        ),
        ({"status": 429, "headers": {"retry-after": "17"}}, "has too many requests: ask again in 17 s"),
        ({"status": 429, "body": "slow down"}, "has too many requests: ask again later"),
        ({"status": 429, "body": error_body("pay", code="insufficient_quota")}, "quota or credit is used up"),
        (
            {"status": 400, "body": error_body(f"no\ttools\x1b for {KEY} {'x' * 999}")},
            "refuses the request (no tools for [key] xxx",
        ),
        (
            {"status": 400, "body": error_body(f"keys {KEY[:12]}... and ...{KEY[-8:]}")},
            "refuses the request (keys [key]... and ...[key])",
        ),
        (
            {"status": 400, "body": error_body("long", code="context_length_exceeded")},
            "cannot take a conversation of this length",
        ),
        ({"status": 500, "body": "Traceback: secret"}, "failed with status 500: ask again later"),
        ({"status": 503}, "failed with status 503: ask again later"),
        (
            {"status": 307, "headers": {"location": "http://elsewhere.example/v1"}},
            "redirects to elsewhere.example, which is not followed",
        ),
        (
            {"status": 307, "headers": {"location": "http://user:secret@elsewhere.example/v1"}},
            "redirects to elsewhere.example, which",
        ),
        ({"status": 307, "headers": {"location": "http://[::1"}}, "redirects to another address"),
        ({"raw": "data: {not json\n\n"}, "cannot be read: check that QDASH_ASSISTANT_URL"),
        ({"raw": "<html>no API</html>\n\n"}, "cannot be read: check that QDASH_ASSISTANT_URL"),
        (
            {"raw": 'data: {"error": {"message": "overloaded"}}\n\n'},
            "reports an error (overloaded): ask again later",
        ),
        ({"raw": 'data: {"choices": 7}\n\n'}, "cannot be read"),
        ({"raw": "data: " + "x" * 17_000_000}, "more than 16 MB"),
        ({"text": "x", "headers": {"content-encoding": "gzip"}}, "compressed"),
        ({"finish": "content_filter"}, "the model declined to answer"),
        ({"text": " \n"}, "the model returned an empty answer"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[:24],
)
def test_a_failure_becomes_a_sentence_with_a_remedy(serve: Serve, turn: Mapping[str, Any], said: str) -> None:
    endpoint = serve(turn)

    asked = ask()

    assert asked.error is not None
    assert said in asked.error
    assert KEY not in asked.error
    assert "secret" not in asked.error
    assert "\n" not in asked.error
    assert len(asked.error) < 500
    assert len(endpoint.requests) == 1
    # What the endpoint refuses costs nothing.
    assert len(asked.all_of(UsagePart)) == (0 if "status" in turn else 1)


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ({"raw": 'data: {"error": {"message": "full"}}\n\n'}, "broke off its answer (full): ask again"),
        ({"cut": True}, "broke off its answer: ask again"),
        ({"finish": "none"}, "broke off its answer: ask again"),
        ({"raw": "data: {not json\n\n"}, "broke off its answer: ask again"),
        ({"finish": "length"}, "wrote its 4096 tokens at once and was cut off"),
        ({"finish": "length", "usage": {"input": 100, "output": 19_900}}, "needs more than its 20000 tokens"),
    ],
    ids=["reported", "cut", "unfinished", "malformed", "long", "too long"],
)
def test_the_text_before_a_failure_is_kept(serve: Serve, turn: Mapping[str, Any], said: str) -> None:
    serve({"text": ["T1 is ", "51"]} | dict(turn))

    asked = ask()

    assert asked.text == "T1 is 51"
    assert asked.error is not None
    assert said in asked.error
    assert len(asked.all_of(UsagePart)) == 1


def test_text_that_is_not_utf_8_is_named(serve: Serve) -> None:
    event = make_event({"content": "X"}).replace("X", "\ud800")
    serve({}).find_turn = lambda _: ScriptedTurn.model_construct(raw=event)

    assert "sent text that is not UTF-8, which cannot be read: ask again" in str(ask().error)


def test_small_pieces_count_more_than_their_bytes(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 20_000)
    serve({"text": ["a"] * 90})
    assert "more than 16 MB" in str(ask().error)

    serve({"raw": make_event({"content": "a"}) * 90 + make_event({}, finish="stop")})
    assert ask().text == "a" * 90


def test_a_silent_endpoint_is_given_up(serve: Serve) -> None:
    serve({"text": "Late.", "wait_s": 20.0}, TIMEOUT_S="0.2")

    asked = ask()

    assert asked.error is not None
    assert "sent nothing for 0.2 s: ask again, or raise QDASH_ASSISTANT_TIMEOUT_S" in asked.error


def test_an_endpoint_that_does_not_run_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    serve({"text": "x"}, URL=f"http://127.0.0.1:{port}/v1")

    asked = ask()

    assert asked.error is not None
    assert (
        f"at 127.0.0.1:{port} cannot be reached (Connection refused): check QDASH_ASSISTANT_URL"
        in asked.error
    )
    assert asked.parts == []
