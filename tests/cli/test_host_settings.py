"""Commands that work on the home of the machine, where the environment names a host."""

from __future__ import annotations

from io import StringIO
from shutil import rmtree
from typing import TYPE_CHECKING

import click
import pytest

from qdash_cli.app import app
from qdash_cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.mark.parametrize("missing", HOST)
def test_one_variable_of_a_host_alone_is_refused(
    at_host: InProcess, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    assert f"is set without {missing}" in " ".join(at_host.run_refused("chip", "list").split())
    assert at_host.read_json("chip", "list", "--profile", "local") == []
    monkeypatch.setenv("QDASH_PROFILE", "local")
    assert at_host.read_json("chip", "list") == []


@pytest.mark.parametrize("asked", [("init",), ("doctor",), ("store", "verify", "b"), ("worker",), ("api",)])
def test_a_command_without_a_profile_is_refused(at_host: InProcess, asked: tuple[str, ...]) -> None:
    refused = " ".join(at_host.run_refused(*asked).split())
    assert (
        f"`qdash {' '.join(asked[:2])}` works on the home of this machine only: run it there, or here with QDASH_PROFILE=local"
        in refused
    )


def test_the_home_of_a_host_whose_address_is_set_is_looked_after(
    at_host: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QDASH_TOKEN")
    at_host.does("init")
    monkeypatch.setenv("QDASH_PROFILE", "local")
    assert at_host.does("user", "link", "admin").startswith(HOST["QDASH_API_URL"])


def test_the_home_is_named_local(at_host: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_PROFILE", "local")
    at_host.does("init")
    assert at_host.does("user", "link", "admin").startswith("http")


ANYWHERE = {"docs", "flow check", "plugins check", "plugins new", "login", "logout", "ui", "file validate"}
"""Commands that work without home and host, or only with the host."""


def list_commands(ctx: click.Context, *path: str) -> Iterator[list[str]]:
    """Yield the words of each command with values for what it requires."""
    command = ctx.command
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from list_commands(click.Context(found, parent=ctx, info_name=name), *path, name)
        return
    given = [*path]
    for one in command.params:
        if one.required:
            value = str(one.type.choices[0]) if isinstance(one.type, click.Choice) else "1"
            given += [one.opts[0], value] if isinstance(one, click.Option) else [value] * max(one.nargs, 1)
    if " ".join(path) not in ANYWHERE:
        yield given


@pytest.mark.slow
def test_no_command_uses_the_home_while_a_host_is_named(
    at_host: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "unused"
    monkeypatch.setenv("QDASH_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    asked = list(list_commands(click.Context(app, info_name="qdash")))
    assert len(asked) > 150
    monkeypatch.setattr("sys.stdin", StringIO())
    used = []
    for words in asked:
        status = run(words)
        said = at_host.capture.readouterr().err
        if status != 2 or home.exists():
            used.append((words, status, said))
            rmtree(home, ignore_errors=True)
    assert used == []
