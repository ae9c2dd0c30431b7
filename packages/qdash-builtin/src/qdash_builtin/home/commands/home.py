"""Commands `qdash init` and `qdash doctor`: creation and checks of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.plugins.commands import load_plugin_records
from qdash_cli import options
from qdash_cli.period_options import parse_optional_time
from qdash_cli.rendering.output import emit, emit_json, print_message, print_table

if TYPE_CHECKING:
    from qdash_builtin.home.views.doctor import DoctorDocument


@click.command()
@click.option("--new", is_flag=True, help="Create a new store even if the raw data of another one exist.")
@click.option("--shared", is_flag=True, help="Give the group of the home read and write access to all of it.")
@click.option(
    "--simulated-clock",
    "start",
    metavar="TIME",
    help="Give a new home a simulated clock that starts at this time and advances only with simulated chips and `qdash twin wait`.",
)
@options.json_option
def init(new: bool, shared: bool, start: str | None, as_json: bool) -> None:
    """Create the home, user `admin` and project `default`, unless they exist.

    A new home is for its owner only. The mode of a folder that exists is not changed.
    """
    from zoneinfo import ZoneInfo

    from qdash_builtin.home.home import make_shared_home
    from qdash_builtin.home.views.home import HomeDocument
    from qdash_core.process.timezones import get_local_zone
    from qdash_core.runtime.application import open_qdash
    from qdash_core.settings import load_settings

    settings = load_settings()
    zone = ZoneInfo(settings.timezone or get_local_zone())
    simulated_clock = parse_optional_time(start, zone, option="--simulated-clock")
    if shared:
        make_shared_home(settings.home)
    with open_qdash(settings, new=new, simulated_clock=simulated_clock):
        document = HomeDocument.from_settings(settings)
    if as_json:
        emit_json(document)
    else:
        print_message(
            f"{settings.home} is ready" + (f", shared with group {document.group}" if document.group else "")
        )


@click.command()
@click.option("--deep", is_flag=True, help="Check every page, document and file, which may take long.")
@click.option(
    "--report",
    is_flag=True,
    help="Print a text for a bug report. Of settings it has numbers, and names of what QDash or a plugin defines. Other values, tokens, paths, "
    "addresses and the names of machine and user are removed. Names of chips and projects remain: read it before you send it.",
)
@options.json_option
@click.pass_context
def doctor(ctx: click.Context, deep: bool, report: bool, as_json: bool) -> None:
    """Check settings, store, raw data and plugins, and print remedies for problems."""
    if report and as_json:
        raise click.UsageError("--report is a text: give it without --json")
    from functools import partial

    from qdash_builtin.home.bug_report import write_bug_report
    from qdash_builtin.home.doctor import examine_home
    from qdash_builtin.home.views.doctor import DoctorDocument
    from qdash_cli.rendering.progress import ProgressBar

    with ProgressBar() as progress:
        plugins = partial(load_plugin_records, thoroughly=deep)
        findings = list(examine_home(deep=deep, plugins=plugins, progress=progress))
    found = DoctorDocument.from_findings(findings)
    if report:
        emit(write_bug_report(findings))
    else:
        show_checks(found, as_json=as_json)
    ctx.exit(1 if found.failed else 0)


def show_checks(document: DoctorDocument, *, as_json: bool) -> None:
    """Print the outcomes of checks."""
    if as_json:
        emit_json(document)
        return
    print_table(
        ("check", "status", "detail", "what to do"),
        ((check.name, check.status, check.detail, check.advice) for check in document.checks),
        fold=("detail", "what to do"),
    )
