"""Settings: the assistant is off unless they are complete, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_assistant.assistant import LanguageModelAssistant
from tests.assistant.conftest import KEY, ask

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = {"URL": "https://models.example/v1", "MODEL": "small"}


def get_reason(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in settings.items():
        monkeypatch.setenv(f"QDASH_ASSISTANT_{name}", value)
    state = LanguageModelAssistant().get_state()
    assert state.ready == (not state.reason)
    assert KEY not in repr(state)
    return state.reason


def test_the_assistant_is_off_without_address_or_model(monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_reason(monkeypatch) == "set QDASH_ASSISTANT_URL and QDASH_ASSISTANT_MODEL"
    assert (
        ask().error
        == "the assistant language-model is off: set QDASH_ASSISTANT_URL and QDASH_ASSISTANT_MODEL"
    )
    assert get_reason(monkeypatch, URL=COMPLETE["URL"]) == "set QDASH_ASSISTANT_MODEL"
    assert get_reason(monkeypatch, MODEL="small") == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"URL": "models.example/v1"}, "_URL: it has to be the address of an OpenAI-compatible API"),
        ({"URL": "http://models.example/v1"}, "_URL: questions and values would be readable on the network"),
        ({"URL": f"https://user:{KEY}@models.example/v1"}, "_URL: the address is shown in messages"),
        ({"URL": f"https://models.example/v1?key={KEY}"}, "_URL: the address is shown in messages"),
        ({"KEY": f"{KEY} {KEY}"}, "_KEY: a key consists of letters, digits and"),
        ({"KEY": KEY, "KEY_FILE": "key"}, "KEY and QDASH_ASSISTANT_KEY_FILE are both set: unset one"),
        ({"KEY_FILE": "missing"}, "_KEY_FILE cannot be read: No such file"),
        ({"KEY_FILE": "."}, "_KEY_FILE is not a file"),
        ({"TIMEOUT_S": "0"}, "_TIMEOUT_S: it has to be greater than 0"),
        ({"INPUT_PRICE": "-1"}, "_INPUT_PRICE: it has to be greater than or equal to 0"),
        ({"CURRENCY": "euro"}, "_CURRENCY: "),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[:20],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    assert said in get_reason(monkeypatch, **COMPLETE | settings)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_an_endpoint_on_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert get_reason(monkeypatch, URL=f"http://{host}/v1", MODEL="small") == ""


def test_a_file_with_the_key_is_for_its_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o640)
    settings = COMPLETE | {"KEY_FILE": str(path)}

    reason = get_reason(monkeypatch, **settings)
    assert "QDASH_ASSISTANT_KEY_FILE may be read by other users: run `chmod 600` on it" in reason
    assert str(path) not in reason  # every viewer sees it
    path.chmod(0o600)
    assert get_reason(monkeypatch, **settings) == ""
    path.write_text(f"{KEY}\n{KEY}\n")
    assert "does not hold one key" in get_reason(monkeypatch, **settings)
