"""Options that select executions and task results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypedDict

import click

from qdash_core.cli.period_options import parse_optional_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo


def result_filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--qids`, `--couplings`, `--task` and `--outcome` to a command, passed as `only`."""

    @wraps(command)
    def filtered(
        *args: Any,
        qids: str | None,
        couplings: str | None,
        tasks: tuple[str, ...],
        outcomes: str | None,
        **options: Any,
    ) -> Any:
        from qdash_core.models.target_lists import parse_couplings, parse_qubits
        from qdash_core.record.run_results import ResultSelection

        qubits = () if qids is None else parse_qubits(qids)
        pairs = () if couplings is None else parse_couplings(couplings)
        named = () if outcomes is None else tuple(one.strip() for one in outcomes.split(","))
        return command(*args, only=ResultSelection((*qubits, *pairs), tasks, named), **options)

    for option in (
        click.option(
            "--outcome",
            "outcomes",
            metavar="NAME,..",
            help="Only results that ended as accepted, flagged, completed (without a verdict), failed, skipped or cancelled, or that are running, "
            "pending or scheduled; decisions do not change it.",
        ),
        click.option("--task", "tasks", multiple=True, metavar="NAME", help="Only results of this task."),
        click.option("--couplings", metavar="0-1,..", help="Only results on these couplings."),
        click.option("--qids", metavar="0-3,7,..", help="Only results on these qubits and ranges."),
    ):
        filtered = option(filtered)
    return filtered


class RecordConditions(TypedDict):
    """Conditions on executions and on task results, as services take them."""

    tags: tuple[str, ...]
    username: str | None
    cooldown_id: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RecordFilters:
    """Options that select executions and task results alike, unparsed.

    Parameters
    ----------
    tags : tuple of str
        Tags of the execution.
    by, cooldown, since, until : str or None
        The user who started it, the cool-down, the time range.
    """

    tags: tuple[str, ...]
    by: str | None
    cooldown: str | None
    since: str | None
    until: str | None

    def parse(self, zone: ZoneInfo) -> RecordConditions:
        """Return the conditions; raise InvalidInputError, with the option's name, if a time is invalid."""
        return {
            "tags": self.tags,
            "username": self.by,
            "cooldown_id": self.cooldown,
            "since": parse_optional_time(self.since, zone, option="--since"),
            "until": parse_optional_time(self.until, zone, option="--until"),
        }


def record_filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--tag`, `--by`, `--cooldown`, `--since` and `--until` to a command, passed as `shared`."""

    @wraps(command)
    def filtered(
        *args: Any,
        tags: tuple[str, ...],
        by: str | None,
        cooldown: str | None,
        since: str | None,
        until: str | None,
        **options: Any,
    ) -> Any:
        return command(*args, shared=RecordFilters(tags, by, cooldown, since, until), **options)

    for option in (
        click.option("--until", metavar="TIME", help="Only those that started before this time."),
        click.option(
            "--since",
            metavar="TIME",
            help="Only those that started at this time or later: 2026-11-20, 2026-11-20T18:30, 24h.",
        ),
        click.option("--cooldown", metavar="ID", help="Only those of this cool-down."),
        click.option("--by", metavar="NAME", help="Only those that this user started."),
        click.option(
            "--tag",
            "tags",
            multiple=True,
            metavar="TAG",
            help="Only those with this tag; if repeated, with all of them.",
        ),
    ):
        filtered = option(filtered)
    return filtered
