"""Options that many commands share, and how their values are read."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli.output import STDOUT
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable


def _keep_stdout(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> bool:
    """Keep standard output for the document: what a laboratory library prints goes to standard error."""
    if wanted:
        ctx.meta[STDOUT] = sys.stdout
        ctx.with_resource(redirect_stdout(sys.stderr))
    return wanted


as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_keep_stdout,
    help="Exactly one JSON document on standard output.",
)
project = click.option("--project", metavar="ID", help="Project; by default the user's own.")


def _default_user() -> str:
    # The models cost more than all of `--help`.
    from qdash_core.models.project import DEFAULT_USER

    return DEFAULT_USER


user = click.option("--user", metavar="NAME", default=_default_user, show_default="admin", help="Who acts.")
settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="[TASK.]NAME=VALUE",
    help="A run parameter, for all tasks or for one: --set shots=2048 --set CheckT1.shots=4096.",
)


def run_parameters(settings: Iterable[str]) -> dict[str, Any]:
    """Return `--set` options as overrides: name to value, and task to name to value.

    Raises
    ------
    InvalidInputError
        If one is not of the form NAME=VALUE or TASK.NAME=VALUE.
    """
    overrides: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        task, dot, own = name.strip().rpartition(".")
        if not equals or not own or (dot and not task):
            raise InvalidInputError(f"--set {setting}: NAME=VALUE or TASK.NAME=VALUE is what it takes")
        if dot:
            overrides.setdefault(task, {})[own] = value.strip()
        else:
            overrides[own] = value.strip()
    return overrides
