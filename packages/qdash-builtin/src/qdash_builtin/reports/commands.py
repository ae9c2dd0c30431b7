"""Command `qdash report`: one page on a chip, an execution or a release."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import (
    emit_json,
    format_count,
    is_standard_output,
    print_message,
    require_output_file,
    write_file,
)

_MARKDOWN = (".md", ".markdown")


@click.command()
@click.argument("subject", metavar="CHIP|EXECUTION|release:NAME")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Output file; -: standard output.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["html", "markdown"]),
    help="Format; default: markdown for a file with the suffix .md, else html. Markdown has no figures.",
)
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Chip of the release, if several chips have one of this name."
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@access_options
@options.json_option
def report(
    subject: str,
    output: Path,
    format_name: str | None,
    chip_id: str | None,
    force: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Write a report: summary, yield, maps, distributions, failures, changes, figures and how each value was measured.

    An execution is named by its id, the beginning of it, or `last`; if a chip has the same id, by execution:ID. The report is one page that
    needs no other file and no network.
    """
    from qdash_builtin.reports.operations import show_report_page
    from qdash_builtin.reports.report_formats import ReportFormat
    from qdash_builtin.reports.views import ReportSummary

    began = perf_counter()
    require_output_file(output, force=force)
    name = ReportFormat(format_name or ("markdown" if output.suffix.lower() in _MARKDOWN else "html"))
    with command_user.connect() as home:
        page = home.ask(show_report_page, subject, chip_id, name)
    contents = page.contents.encode()
    write_file(output, contents)
    if as_json:
        emit_json(
            ReportSummary(
                file=str(output),
                bytes=len(contents),
                figures=page.n_figures,
                seconds=round(perf_counter() - began, 2),
            )
        )
    elif not is_standard_output(output):
        figures = f" with {format_count(page.n_figures, 'figure')}" if page.n_figures else ""
        print_message(f"{page.title}: report{figures} in {output} ({len(contents) / 1e6:.1f} MB)")
