"""Names that the shell completes in all commands: chips, tasks, issues, projects and profiles."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from qdash_core.cli.command_user import CommandUser
from qdash_core.cli.hosts import list_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME_LIMIT_S = 3.0
"""Time after which the shell gets no names."""
_KINDS = {
    "chip_id": "chip", "chip": "chip", "task": "task", "issue_id": "issue", "project_id": "project", "project": "project",
    "profile": "profile",
}  # fmt: skip
"""Kind of name by the parameter of a command."""


class CompletedName(StringParamType):
    """Text of a parameter that the shell completes.

    Parameters
    ----------
    kind : str
        Kind of name.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with a text; none after an error, or if home or host take too long."""
        from qdash_core.time_limits import call_within

        found: dict[str, str] = {}
        with suppress(Exception):
            found = call_within(TIME_LIMIT_S, partial(_list_names, self.kind, ctx.params), what="completion")
        return [
            CompletionItem(name, help=text) for name, text in found.items() if name.startswith(incomplete)
        ]


def complete_names(command: click.Command) -> None:
    """Let the shell complete names in a command, or in the commands of a group."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            complete_names(one)
        return
    for parameter in command.params:
        kind = _KINDS.get(str(parameter.name).rpartition("__")[2])
        if kind is not None and isinstance(parameter.type, StringParamType):
            parameter.type = CompletedName(kind)


def _list_names(kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Return texts by the names of the home or host of a command."""
    if kind == "profile":
        return dict.fromkeys(list_profiles(), "")
    from qdash_core.models.pages import LARGEST_PAGE
    from qdash_core.models.project import DEFAULT_USER
    from qdash_core.resources import chips, issues, projects, tasks
    from qdash_core.resources.requests.issues import IssueFilter
    from qdash_core.settings import load_settings

    user = CommandUser(given.get("user") or DEFAULT_USER, given.get("project"), given.get("profile"))
    if not (user.asks_host or load_settings().home.exists()):
        return {}
    with user.connect() as home:
        if kind == "chip":
            page = home.ask(chips.list_chips.paged(limit=LARGEST_PAGE))
            return {one.chip_id: one.topology_id for one in page.items}
        if kind == "task":
            return {one.name: "" for one in home.ask(tasks.list_tasks.paged(limit=LARGEST_PAGE)).items}
        if kind == "project":
            page_of_projects = home.ask(projects.list_projects.paged(limit=LARGEST_PAGE))
            return {one.project_id: one.name for one in page_of_projects.items}
        found = home.ask(issues.list_issues.paged(limit=LARGEST_PAGE), IssueFilter())
        return {one.issue_id: one.title for one in found.items}
