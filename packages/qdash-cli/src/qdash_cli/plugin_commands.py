"""Commands of plugins that follow from declarations, and the guard of all commands that use the home of this machine.

`qdash --help` imports it: imports of models follow later.
"""

from __future__ import annotations

from copy import copy
from functools import cache, partial, wraps
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qdash_cli.hosts import ProfileOption, refuse_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_core.operations.plugin_operations import PluginOperations

_MARK = "works_with_host"
_C = TypeVar("_C", bound=click.Command)


def works_with_host(command: _C) -> _C:
    """Mark a command, or a group with all of its commands: it may be run although a host is named.

    Others end with status 2 then, as they would use the home of this machine.
    """
    vars(command)[_MARK] = True
    return command


def make_declared_group(
    group: click.Group, load: Callable[[], Iterable[PluginOperations]], named: Mapping[str, str], /
) -> click.Group:
    """Return a group with the commands of a group, of operations, and of features by name, which are loaded on first use."""

    @cache
    def load_commands() -> dict[str, click.Command]:
        from qdash_cli.operation_commands import add_commands

        derived = click.Group(group.name)
        for one in load():
            add_commands(derived, one)
        of_features = {name: guard(resolve_name(at)) for name, at in named.items()}
        return {**of_features, **derived.commands}

    def list_commands(ctx: click.Context) -> list[str]:
        return sorted({*group.list_commands(ctx), *load_commands()})

    def get_command(ctx: click.Context, name: str) -> click.Command | None:
        return group.get_command(ctx, name) or load_commands().get(name)

    made = copy(group)
    vars(made).update(list_commands=list_commands, get_command=get_command)
    return made


def guard(command: click.Command, /, *, is_core: bool = False) -> click.Command:
    """Return a command that is refused if a host is named, unless it works with one.

    Commands of the core with the option `--profile` reach hosts without a mark.
    """
    if vars(command).get(_MARK) or (
        is_core and any(isinstance(one, ProfileOption) for one in command.params)
    ):
        return command
    guarded = copy(command)
    if isinstance(command, click.Group):
        vars(guarded)["get_command"] = partial(_get_guarded, command, is_core)
        if command.callback is not None:
            guarded.callback = _guard_callback(command.callback)
    else:
        vars(guarded)["invoke"] = partial(_invoke_guarded, command)
    return guarded


def _get_guarded(
    group: click.Group,
    is_core: bool,
    ctx: click.Context,
    name: str,
) -> click.Command | None:
    found = group.get_command(ctx, name)
    return None if found is None else guard(found, is_core=is_core)


def _invoke_guarded(command: click.Command, ctx: click.Context) -> Any:
    _refuse_host(ctx)
    return command.invoke(ctx)


def _guard_callback(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **given: Any) -> Any:
        ctx = click.get_current_context()
        if ctx.invoked_subcommand is None:
            _refuse_host(ctx)
        return callback(*args, **given)

    return run


def _refuse_host(ctx: click.Context) -> None:
    """Raise InvalidInputError if a host is named, by the option `--profile` of QDash or otherwise."""
    profiles = (ctx.params[str(one.name)] for one in ctx.command.params if isinstance(one, ProfileOption))
    refuse_host(next(profiles, None))
