"""Command `qdash task`: list and show tasks; the feature of results adds commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message, print_table
from qdash_core.models.estimates import unit_symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_builtin.runs.views.tasks import RunParameterDocument, TaskDocument


@click.group()
def task() -> None:
    """List tasks, run one; list, rerun, refit and draw results, show raw data."""


@task.command("list")
@click.option("--backend", metavar="NAME", help="Only tasks for this backend.")
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Show which tasks run on this chip, and why others do not."
)
@access_options
@options.json_option
def list_tasks(backend: str | None, chip_id: str | None, command_user: CommandUser, as_json: bool) -> None:
    """List the installed tasks with their inputs and outputs."""
    from qdash_builtin.runs.operations import tasks
    from qdash_core.operations.transport import list_every

    found: Sequence[TaskDocument]
    with command_user.connect() as home:
        if chip_id is not None:
            found = [*list_every(home, tasks.tasks_on_chip, chip_id, backend)]
        else:
            every = list_every(home, tasks.list_tasks, backend)
            found = sorted(every, key=lambda one: (one.backend or "", one.name))
    if as_json:
        emit_json(found)
    else:
        _print_tasks(found, on_chip=chip_id is not None)


def _print_tasks(tasks: Sequence[TaskDocument], *, on_chip: bool) -> None:
    """Print tasks, each with its availability if they are those of a chip."""
    print_table(
        ("task", "also", "backend", *(("runs here",) if on_chip else ()), "needs", "makes"),
        (
            (
                one.name,
                ", ".join(one.aliases),
                one.backend or "any",
                *((getattr(one, "why_not", None) or "yes",) if on_chip else ()),
                ", ".join(name for name, given in one.input_parameters.items() if given.required),
                ", ".join(one.output_parameters),
            )
            for one in tasks
        ),
        fold=("runs here", "needs", "makes") if on_chip else ("needs", "makes"),
    )


@task.command()
@click.argument("name")
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Show the task for this chip, and whether it runs there."
)
@click.option(
    "--backend",
    metavar="NAME",
    help="Show the task of this backend; with --chip, in place of the chip's own.",
)
@access_options
@options.json_option
def show(
    name: str, chip_id: str | None, backend: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Show inputs, outputs, run parameters, analysis options and typical failures of a task."""
    from qdash_builtin.runs.operations.tasks import show_task, task_on_chip

    document: TaskDocument
    with command_user.connect() as home:
        if chip_id is None:
            document = home.ask(show_task, name, backend)
        else:
            document = home.ask(task_on_chip, chip_id, name, backend)
    if as_json:
        emit_json(document)
    else:
        _show_declared(document)


def _show_declared(document: TaskDocument) -> None:
    from qdash_builtin.runs.views.tasks import TaskOnChip

    print_message(f"{document.name}: {document.description}" if document.description else document.name)
    if document.aliases:
        print_message(f"also: {', '.join(document.aliases)}")
    print_message(f"on a {document.task_type}, by {document.backend or 'any backend'}")
    for replacement in document.replacements or ():
        print_message(replacement.text)
    if document.requires:
        print_message(f"a backend must offer: {', '.join(document.requires)}")
    if isinstance(document, TaskOnChip):
        print_message("runs here" if document.why_not is None else f"does not run here: {document.why_not}")
    inputs = document.input_parameters.items()
    outputs = document.output_parameters.items()
    parameters = document.run_parameters.items()
    choices = document.analysis_options.items()
    for title, columns, rows in (
        ("Needs", ("parameter", "unit", ""), [(one, unit_symbol(of.unit), "" if of.required else "optional") for one, of in inputs]),
        ("Makes", ("parameter", "unit", "what"), [(one, unit_symbol(of.unit), of.description) for one, of in outputs]),
        ("Run parameters", ("parameter", "default", "unit", "what"), [(one, of.value, unit_symbol(of.unit), of.description) for one, of in parameters]),
        ("Analysis options", ("option", "default", "unit", "what"), [(one, of.value, unit_symbol(of.unit), _describe_option(of)) for one, of in choices]),
        ("Keeps", ("array", "unit", "what"), [(one, unit_symbol(of.unit), of.description) for one, of in document.arrays.items()]),
    ):  # fmt: skip
        if rows:
            print_message()
            print_table(columns, rows, title=title, fold=("what", "default"))
    for text in _iter_author_paragraphs(document):
        print_message()
        print_message(text)


def _describe_option(option: RunParameterDocument) -> str:
    if not option.choices:
        return option.description
    return f"{option.description} ({', '.join(map(str, option.choices))})"


def _iter_author_paragraphs(document: TaskDocument) -> Iterator[str]:
    """Yield the paragraphs of the author's text on a task."""
    if document.text_error is not None:
        yield document.text_error
    if document.measures is not None:
        yield f"What it measures: {' '.join(document.measures.split())}"
    for failure in document.failures or ():
        seen, do = (" ".join(text.split()) for text in (failure.seen, failure.do))
        yield f"{failure.title}\n  Seen: {seen}\n  To do: {do}"
