"""Commands of plugins, and their removal with a broken plugin."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click
import pytest

from qdash_core import hookimpl
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from collections.abc import Callable


class _LazyGroup(click.Group):
    """A group that creates its command `chip` on request."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({"chip", *super().list_commands(ctx)})


def _run(app: click.Group, *plugins: Callable[[click.Group], None]) -> list[str | None]:
    """Add the commands of plugins and return for each why it was set aside, or None."""
    extra = {f"plugin{n}": SimpleNamespace(qdash_cli=hookimpl(plugin)) for n, plugin in enumerate(plugins)}
    registry = load_plugins(extra=extra, installed_too=False)
    registry.add_commands(app)
    return [record.error for record in registry.plugins]


def _fridge(app: click.Group) -> None:
    app.add_command(click.Command("fridge"))


def test_a_plugin_adds_commands_and_is_seen_to_provide_them() -> None:
    app = click.Group()
    registry = load_plugins(extra={"mine": SimpleNamespace(qdash_cli=hookimpl(_fridge))}, installed_too=False)
    registry.add_commands(app)
    assert list(app.commands) == ["fridge"]
    assert registry.plugins[0].provides == {"qdash_cli": ["fridge"]}


@pytest.mark.parametrize("error", [RuntimeError("broken"), SystemExit(1)])
def test_the_commands_of_a_plugin_that_raises_are_removed(error: BaseException) -> None:
    def broken(app: click.Group) -> None:
        app.add_command(click.Command("lost"))
        raise error

    app = click.Group()
    reasons = _run(app, broken, _fridge)
    assert reasons[0] is not None
    assert reasons[1] is None
    assert reasons[0].startswith(f"qdash_cli raised {type(error).__name__}: {error} (test_commands.py:")
    assert list(app.commands) == ["fridge"]


def test_a_command_whose_name_is_taken_sets_the_plugin_aside() -> None:
    def late(app: click.Group) -> None:
        app.add_command(click.Command("other"))
        app.add_command(click.Command("fridge"))

    app = click.Group()
    first = click.Command("fridge")
    app.add_command(first)
    assert _run(app, late) == ["qdash_cli: the command name 'fridge' is taken by QDash itself"]
    assert app.commands == {"fridge": first}


def test_a_name_is_taken_by_a_command_that_is_not_made_yet() -> None:
    def late(app: click.Group) -> None:
        app.add_command(click.Command("chip"))

    app = _LazyGroup()
    assert _run(app, late) == ["qdash_cli: the command name 'chip' is taken by QDash itself"]
    assert app.commands == {}


def test_a_command_that_is_removed_comes_back() -> None:
    app = click.Group()
    _fridge(app)
    assert _run(app, lambda app: app.commands.clear()) == [
        "qdash_cli: the command name 'fridge' is taken by QDash itself"
    ]
    assert list(app.commands) == ["fridge"]


def test_commands_within_a_group_are_looked_after_too() -> None:
    def broken(app: click.Group) -> None:
        group = app.commands["chip"]
        assert isinstance(group, click.Group)
        group.add_command(click.Command("lost"))
        raise RuntimeError

    app, chip = click.Group(), click.Group("chip")
    app.add_command(chip)
    (reason,) = _run(app, broken)
    assert reason is not None
    assert reason.startswith("qdash_cli raised RuntimeError (")
    assert chip.commands == {}


def test_a_command_in_a_group_is_provided_under_both_names_and_taken_under_both() -> None:
    def added(app: click.Group) -> None:
        group = app.commands["chip"]
        assert isinstance(group, click.Group)
        group.add_command(click.Command("fridge"))

    app, chip = click.Group(), click.Group("chip", {"show": click.Command("show")})
    app.add_command(chip)
    extra = {name: SimpleNamespace(qdash_cli=hookimpl(added)) for name in ("first", "second")}
    registry = load_plugins(extra=extra, installed_too=False)
    registry.add_commands(app)

    first, second = registry.plugins
    assert first.provides == {"qdash_cli": ["chip fridge"]}
    assert second.error == (
        "qdash_cli: the command name 'chip fridge' is taken by the plugin 'first' of the calling program"
    )
    assert list(chip.commands) == ["show", "fridge"]


class _Unshowable(click.Command):
    """A command whose help raises."""

    def get_short_help_str(self, limit: int = 45) -> str:
        raise SystemExit("no help")


class _Unlisted(click.Group):
    """A group whose listing raises."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        raise OSError("no route")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("hello", "the command 'hello' is str, not a click.Command"),
        (
            _Unshowable("hello"),
            "the help of the command 'hello' raised SystemExit: no help (test_commands.py:",
        ),
        (_Unlisted("hello"), "the help of the command 'hello' raised OSError: no route (test_commands.py:"),
        (click.Command("hello", help="\udcff"), "the help of the command 'hello' raised UnicodeEncodeError"),
        (click.Group("hello", {"inner": _Unshowable("inner")}), "the help of the command 'inner' raised"),
    ],
)
def test_a_command_that_the_help_cannot_show_sets_the_plugin_aside(command: Any, reason: str) -> None:
    def broken(app: click.Group) -> None:
        app.add_command(click.Command("lost"))
        app.add_command(command, "hello")

    app = click.Group()
    broken_reason, sound_reason = _run(app, broken, _fridge)
    assert broken_reason is not None
    assert broken_reason.startswith(f"qdash_cli: {reason}")
    assert sound_reason is None
    assert list(app.commands) == ["fridge"]


def test_a_name_that_another_plugin_has_taken_is_said_to_be_its() -> None:
    assert _run(click.Group(), _fridge, _fridge) == [
        None,
        "qdash_cli: the command name 'fridge' is taken by the plugin 'plugin0' of the calling program",
    ]
