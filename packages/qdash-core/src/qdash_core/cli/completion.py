"""Names that the shell completes in all commands, such as those of chips, tasks, flows, executions, users and profiles."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from qdash_core.cli.command_user import CommandUser
from qdash_core.cli.hosts import list_profiles
from qdash_core.errors import AccessDeniedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.operations.transport import Transport

TIME_LIMIT_S = 3.0
"""Time after which the shell gets no names."""
_LISTS = {
    "backend": ("backends.list_backends", "name", ""),
    "chip": ("chips.list_chips", "chip_id", "topology_id"),
    "conversation": ("conversations.list_conversations", "conversation_id", "title"),
    "cooldown": ("cooldowns.list_cooldowns", "cooldown_id", "description"),
    "cryostat": ("cryostats.list_cryostats", "cryo_id", "name"),
    "execution": ("executions.list_executions", "execution_id", "name"),
    "flow": ("flows.list_flows", "name", ""),
    "issue": ("issues.list_issues", "issue_id", "title"),
    "member": ("members.list_members", "username", ""),
    "project": ("projects.list_projects", "project_id", "name"),
    "release": ("releases.list_releases", "name", "note"),
    "root": ("files.list_file_roots", "name", ""),
    "scope": ("value_scopes.list_value_scopes", "name", ""),
    "tag": ("tags.list_tags", "name", ""),
    "task": ("tasks.list_tasks", "name", ""),
    "timetable": ("timetables.list_timetables", "name", ""),
    "token": ("auth.list_tokens", "name", ""),
    "topology": ("topology.list_topologies", "name", ""),
    "user": ("users.list_users", "username", "full_name"),
}  # fmt: skip
"""Operation that lists the names of a kind, the field with the name, and that with a text on it."""
_PROFILE = "profile"
_KINDS = {*_LISTS, _PROFILE}
_OTHER_NAMES = {
    "chip_id": "chip", "chip_ids": "chip", "cooldown_id": "cooldown", "cryo_id": "cryostat", "default_project_id": "project",
    "execution_id": "execution", "execution_ids": "execution", "layout": "topology", "other_cooldown": "cooldown", "project_id": "project", "tags": "tag",
    "tasks": "task", "topology_id": "topology",
}  # fmt: skip
"""Kinds of parameters that are named otherwise."""
_GENERAL_WORDS = {"NAME", "ID"}
"""Words of a metavar that do not say of which kind a name is."""


class CompletedName(StringParamType):
    """Text of a parameter that the shell completes.

    Parameters
    ----------
    kinds : sequence of str
        Kinds of names.
    """

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = kinds

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with a text; none after an error, or if home or host take too long."""
        from qdash_core.time_limits import call_within

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


def _find_kinds(parameter: click.Parameter, group: str | None) -> list[str]:
    """Return the kinds of a parameter by its metavar, such as `CHIP|EXECUTION`, else by its name or group."""
    words = re.findall("[A-Z_]+", parameter.metavar or "NAME")
    kinds = [word.lower() for word in words if word.lower() in _KINDS]
    if kinds or _GENERAL_WORDS.isdisjoint(words):
        return kinds
    name = str(parameter.name)
    last = name.rpartition("__")[2]
    # A name in a body is that of a new object.
    kind = group if name in ("name", "name__name") else _OTHER_NAMES.get(last, last)
    return [kind] if kind in _KINDS else []


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

    path, name, text = _LISTS[kind]
    module, _, operation = path.partition(".")
    listing = getattr(import_module(f"qdash_core.resources.{module}"), operation)
    sent = {
        one.name: one.model() if one.place is Place.FILTERS else known[one.name]
        for one in list_parameters(listing)
        if one.default is inspect.Parameter.empty
    }
    items = home.ask(listing.paged(limit=LARGEST_PAGE), **sent).items
    return {getattr(one, name): (getattr(one, text) if text else "") or "" for one in items}
