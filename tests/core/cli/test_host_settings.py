"""Commands that work on the home of the machine, where the environment names a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import InProcess

HOST = {"QDASH_API_URL": "http://127.0.0.1:9", "QDASH_TOKEN": "a token"}


@pytest.fixture
def at_host(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    return command


@pytest.mark.parametrize(
    "asked", [("chip", "list"), ("chip", "create", "c", "--topology", "linear-2"), ("user", "list")]
)
def test_records_of_the_home_are_neither_shown_nor_changed(
    at_host: InProcess, asked: tuple[str, ...]
) -> None:
    said = at_host.run_refused(*asked)
    assert "works on the home of this machine only" in said or "cannot be reached" in said


def test_one_of_both_names_no_host(at_host: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QDASH_TOKEN")
    assert at_host.read_json("chip", "list") == []


def test_the_home_itself_is_looked_after(at_host: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    at_host.does("init")
    at_host.does("doctor")
    monkeypatch.setenv("QDASH_PROFILE", "local")
    assert at_host.does("user", "link", "admin").startswith("http")
