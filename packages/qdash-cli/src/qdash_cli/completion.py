"""Names that the shell completes in all commands, such as those of chips, tasks, flows, executions, users and profiles."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from functools import cache, partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from qdash_cli.command_user import CommandUser
from qdash_cli.hosts import list_profiles
from qdash_core.errors import AccessDeniedError
from qdash_core.features.declarations import list_known_features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.features.declarations import NameList
    from qdash_core.operations.transport import Transport

TIME_LIMIT_S = 3.0
"""Time after which the shell gets no names."""
_PROFILE = "profile"
_GENERAL_WORDS = {"NAME", "ID"}
"""Words of a metavar that do not say of which kind a name is."""


class CompletedName(StringParamType):
    """Text of a parameter that the shell completes, from kinds of names."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = kinds

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with a text; none after an error, or if home or host take too long."""
        from qdash_core.process.time_limits import call_within

        found: dict[str, str] = {}
        with suppress(Exception):
            found = call_within(TIME_LIMIT_S, partial(_list_names, self.kinds, ctx.params), what="completion")
        return [
            CompletionItem(name, help=text) for name, text in found.items() if name.startswith(incomplete)
        ]


def complete_names(command: click.Command, group: str | None = None) -> None:
    """Let the shell complete names in a command, which may be one of a named group, or in the commands of a group."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            complete_names(one, command.name)
        return
    for parameter in command.params:
        kinds = _find_kinds(parameter, group)
        if kinds and isinstance(parameter.type, StringParamType):
            parameter.type = CompletedName(kinds)


@cache
def _list_kinds() -> dict[str, NameList]:
    """Return the lists of names that features declare, by kind."""
    return {kind: names for feature in list_known_features() for kind, names in feature.names.items()}


def _find_kinds(parameter: click.Parameter, group: str | None) -> list[str]:
    """Return the kinds of a parameter by its metavar, such as `CHIP|EXECUTION`, else by its name or group."""
    words = re.findall("[A-Z_]+", parameter.metavar or "NAME")
    known = {*_list_kinds(), _PROFILE}
    kinds = [word.lower() for word in words if word.lower() in known]
    if kinds or _GENERAL_WORDS.isdisjoint(words):
        return kinds
    name = str(parameter.name)
    last = name.rpartition("__")[2]
    # A name in a body is that of a new object.
    kind = group if name in ("name", "name__name") else last
    named = [one for one, names in _list_kinds().items() if kind in names.parameters]
    return named or [one for one in (kind,) if one in known]


def _list_names(kinds: Sequence[str], given: Mapping[str, Any]) -> dict[str, str]:
    """Return texts by the names of the home or host of a command."""
    if _PROFILE in kinds:
        return dict.fromkeys(list_profiles(), "")
    from qdash_core.models.project import DEFAULT_USER
    from qdash_core.settings import load_settings

    user = CommandUser(given.get("user") or DEFAULT_USER, given.get("project"), given.get("profile"))
    if not (user.asks_host or load_settings().home.exists()):
        return {}
    known = {key.rpartition("__")[2]: value for key, value in given.items()}
    found: dict[str, str] = {}
    with user.connect() as home:
        for kind in kinds:
            try:
                found |= _ask(home, kind, known)
            except AccessDeniedError:  # only administrators list users
                if kind != "user":
                    raise
                found |= _ask(home, "member", {"project_id": home.project_id})
    return found


def _ask(home: Transport, kind: str, known: Mapping[str, Any]) -> dict[str, str]:
    """Return texts by the names of a kind; `known` are values of parameters of a path, such as the chip of a release."""
    from qdash_core.models.pages import LARGEST_PAGE
    from qdash_core.operations.parameters import Place, list_parameters

    names = _list_kinds()[kind]
    listing = resolve_name(names.listed_by)
    sent = {
        one.name: one.model() if one.place is Place.FILTERS else known[one.name]
        for one in list_parameters(listing)
        if one.default is inspect.Parameter.empty
    }
    items = home.ask(listing.paged(limit=LARGEST_PAGE), **sent).items
    return {getattr(one, names.name): (getattr(one, names.text) if names.text else "") or "" for one in items}
