"""Command `qdash issue`: issues of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.issue_texts import file_option, read_given_text
from qdash_core.cli.rendering.issues import (
    print_issue,
    print_issue_events,
    print_issues,
    print_similar_issues,
)
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.application import QDash
    from qdash_core.issues.view import IssueView
    from qdash_core.models.access import Access


_SHORTEST_TASK_ID = 8
"""Number of digits from which a number is the beginning of a task id, not an issue."""


@click.group()
def issue() -> None:
    """Open, find, discuss and close issues of the laboratory.

    ISSUE is the number of an issue, such as 12. A picture in a text is ![text](result:TASK_ID), in single quotes in a shell.
    """


_issue_argument: Callable[..., Any] = click.argument("issue_id", metavar="ISSUE")


def _add_link_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for the links of an issue to a command."""
    for option in reversed(
        (
            click.option("--result", metavar="TASK_ID", help="Task result; fills the other links."),
            click.option("--chip", metavar="CHIP", help="Chip."),
            click.option(
                "--target", "targets", multiple=True, metavar="Q", help="Qubit or coupling; may be repeated."
            ),
            click.option(
                "--metric",
                "metrics",
                multiple=True,
                metavar="KEY",
                help="Parameter, such as t1; may be repeated.",
            ),
            click.option("--execution", metavar="ID|last", help="Execution."),
            click.option("--cooldown", metavar="ID", help="Cool-down."),
        )
    ):
        command = option(command)
    return command


@issue.command("open")
@click.argument("title", metavar="TITLE")
@click.option("--body", metavar="TEXT|-", help="Description in Markdown, or - to read standard input.")
@file_option
@_add_link_options
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="Label; may be repeated.")
@click.option("--assign", "assignees", multiple=True, metavar="USER", help="Assignee; may be repeated.")
@access_options
@options.json_option
def open_issue(
    title: str,
    body: str | None,
    path: Path | None,
    labels: tuple[str, ...],
    assignees: tuple[str, ...],
    command_user: CommandUser,
    as_json: bool,
    **links: Any,
) -> None:
    """Open an issue, such as one about a failed result.

    A result fills the chip, target, metrics, execution and cool-down.
    """
    fields = _select_given(body=read_given_text(body, path), labels=labels, assignees=assignees)
    with command_user.open_for_writing() as (qdash, access):
        fields |= _resolve_links(qdash, access, links)
        made = qdash.issues.open(access, title, **fields)
        _show(qdash, made, as_json=as_json)


@issue.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="open, in progress or closed; default: the first two.",
)
@click.option("--all", "every_state", is_flag=True, help="Issues in every state.")
@click.option(
    "--label", "labels", multiple=True, metavar="LABEL", help="Only issues with this label; may be repeated."
)
@click.option("--assignee", metavar="USER", help="Only issues of this assignee.")
@click.option("--author", metavar="USER", help="Only issues that this user opened.")
@click.option("--chip", metavar="CHIP", help="Only issues about this chip.")
@click.option("--target", metavar="Q", help="Only issues about this qubit or coupling.")
@click.option("--task", metavar="NAME", help="Only issues about results of this task.")
@click.option("--metric", metavar="KEY", help="Only issues about this parameter.")
@click.option("--result", metavar="TASK_ID", help="Only issues about this result.")
@click.option("--execution", metavar="ID|last", help="Only issues about this execution.")
@click.option("--cooldown", metavar="ID", help="Only issues about this cool-down.")
@click.option("--search", metavar="WORDS", help="Only issues with these words in their texts.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Maximum number.")
@click.option("--after", metavar="CURSOR", help="The next page: the cursor that the previous one printed.")
@access_options
@options.json_option
def list_issues(
    states: tuple[str, ...],
    every_state: bool,
    labels: tuple[str, ...],
    assignee: str | None,
    author: str | None,
    chip: str | None,
    target: str | None,
    task: str | None,
    metric: str | None,
    result: str | None,
    execution: str | None,
    cooldown: str | None,
    search: str | None,
    limit: int,
    after: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List issues, newest activity first; by default those that are not closed."""
    from qdash_core.documents.issues import IssueHeader
    from qdash_core.issues.query import IssueQuery
    from qdash_core.models.issue import UNSOLVED
    from qdash_core.models.pages import PageRequest

    if states and every_state:
        raise InvalidInputError("use --state or --all, not both")
    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        query = IssueQuery(
            states=states or (() if every_state else UNSOLVED),
            labels=labels,
            assignee=assignee,
            author=author,
            chip_id=chip,
            target=target,
            task=task,
            metric=metric,
            task_id=None if result is None else qdash.results.resolve_id(access, result),
            execution_id=None if execution is None else qdash.executions.resolve_id(access, execution),
            cooldown_id=cooldown,
            text=search,
        )
        page = qdash.issues.page(access, query, PageRequest(limit, after))
    documents = [IssueHeader.from_record(one) for one in page.items]
    if as_json:
        emit_json(documents)
    elif documents:
        print_issues(documents, zone)
        if page.next is not None:
            print_message(f"and more: --after {page.next}")
    elif query == IssueQuery():
        print_message("no issues yet: `qdash issue open TITLE` opens one")
    elif query == IssueQuery(states=UNSOLVED):
        print_message("no open issues: `qdash issue list --all` lists closed ones, too")
    else:
        hint = "" if every_state or states else ": with --all, closed ones are searched, too"
        print_message(f"no matching issues{hint}")


@issue.command()
@_issue_argument
@access_options
@options.json_option
def show(issue_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Show an issue with its comments."""
    with command_user.open_for_reading() as (qdash, access):
        _show(qdash, qdash.issues.show(access, issue_id), as_json=as_json)


@issue.command()
@_issue_argument
@access_options
@options.json_option
def events(issue_id: str, command_user: CommandUser, as_json: bool) -> None:
    """List the events of an issue with the former texts, also of a deleted one."""
    from qdash_core.documents.issues import IssueEventDocument

    with command_user.open_for_reading() as (qdash, access):
        found = [IssueEventDocument.from_event(one) for one in qdash.issues.list_events(access, issue_id)]
        zone = qdash.zone
    if as_json:
        emit_json(found)
    else:
        print_issue_events(found, zone)


@issue.command()
@_issue_argument
@click.option("--title", metavar="TEXT", help="Title.")
@click.option("--body", metavar="TEXT|-", help="Description in Markdown, or - to read standard input.")
@file_option
@click.option("--state", metavar="STATE", help="open, in progress or closed.")
@_add_link_options
@access_options
@options.json_option
def edit(
    issue_id: str,
    title: str | None,
    body: str | None,
    path: Path | None,
    state: str | None,
    command_user: CommandUser,
    as_json: bool,
    **links: Any,
) -> None:
    """Change the title, description, state or links of an issue. An empty text clears a link."""
    fields = _select_given(title=title, body=read_given_text(body, path), state=state)
    with command_user.open_for_writing() as (qdash, access):
        fields |= _resolve_links(qdash, access, links)
        if not fields:
            raise InvalidInputError("nothing to change: use an option such as --title TEXT")
        _show(qdash, qdash.issues.edit(access, issue_id, **fields), as_json=as_json)


@issue.command()
@_issue_argument
@click.argument("users", metavar="[USER]...", nargs=-1)
@click.option("--remove", multiple=True, metavar="USER", help="Remove this assignee; may be repeated.")
@access_options
@options.json_option
def assign(
    issue_id: str, users: tuple[str, ...], remove: tuple[str, ...], command_user: CommandUser, as_json: bool
) -> None:
    """Add and remove assignees of an issue, who are members of the project."""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.issues.assign(access, issue_id, add=users, remove=remove), as_json=as_json)


@issue.command()
@_issue_argument
@click.argument("labels", metavar="[LABEL]...", nargs=-1)
@click.option("--remove", multiple=True, metavar="LABEL", help="Remove this label; may be repeated.")
@access_options
@options.json_option
def label(
    issue_id: str, labels: tuple[str, ...], remove: tuple[str, ...], command_user: CommandUser, as_json: bool
) -> None:
    """Add and remove labels of an issue."""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.issues.label(access, issue_id, add=labels, remove=remove), as_json=as_json)


@issue.command()
@_issue_argument
@click.argument("text", metavar="[TEXT|-]", required=False)
@file_option
@click.option("--edit", "edited", type=int, metavar="NUMBER", help="Replace the text of this comment.")
@click.option("--remove", "removed", type=int, metavar="NUMBER", help="Remove this comment.")
@access_options
@options.json_option
def comment(
    issue_id: str,
    text: str | None,
    path: Path | None,
    edited: int | None,
    removed: int | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Add a comment to an issue, or edit or remove one.

    TEXT is Markdown, or - to read standard input. Authors and owners of the project edit and remove comments.
    """
    content = read_given_text(text, path)
    if removed is not None and (content is not None or edited is not None):
        raise InvalidInputError("--remove takes no text and no --edit")
    if removed is None and content is None:
        raise InvalidInputError("TEXT is missing: write it, or - to read standard input, or use --file")
    with command_user.open_for_writing() as (qdash, access):
        if removed is not None:
            made = qdash.issues.remove_comment(access, issue_id, removed)
        elif edited is not None:
            made = qdash.issues.edit_comment(access, issue_id, edited, content or "")
        else:
            made = qdash.issues.comment(access, issue_id, content or "")
        _show(qdash, made, as_json=as_json)


@issue.command()
@_issue_argument
@click.option("--comment", "text", metavar="TEXT|-", help="Comment that says how it was solved.")
@access_options
@options.json_option
def close(issue_id: str, text: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Close an issue."""
    content = read_given_text(text) or ""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.issues.close(access, issue_id, comment=content), as_json=as_json)


@issue.command()
@_issue_argument
@click.option("--comment", "text", metavar="TEXT|-", help="Comment that says why.")
@access_options
@options.json_option
def reopen(issue_id: str, text: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Open a closed issue again."""
    content = read_given_text(text) or ""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.issues.reopen(access, issue_id, comment=content), as_json=as_json)


@issue.command()
@click.argument("subject", metavar="TASK_ID|ISSUE")
@click.option("--limit", type=click.IntRange(1, 20), default=5, show_default=True, help="Maximum number.")
@access_options
@options.json_option
def similar(subject: str, limit: int, command_user: CommandUser, as_json: bool) -> None:
    """Show earlier issues that are similar to a failed result or an issue, and how they were closed.

    They have the same target, a target nearby, the same task, metric or words. An issue is written as #12 or 12; everything else is a task
    id or the beginning of one.
    """
    from qdash_core.documents.issues import SimilarIssueDocument

    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        if subject.startswith("#") or (subject.isdigit() and len(subject) < _SHORTEST_TASK_ID):
            found = qdash.issues.find_similar(access, subject, limit=limit)
        else:
            task_id = qdash.results.resolve_id(access, subject)
            found = qdash.issues.find_similar_to_result(access, task_id, limit=limit)
    documents = [SimilarIssueDocument.from_similar(one) for one in found]
    if as_json:
        emit_json(documents)
    elif documents:
        print_similar_issues(documents, zone)
    else:
        print_message("no similar issues: `qdash issue list --all --search WORDS` searches their texts")


@issue.command()
@_issue_argument
@access_options
@options.json_option
def delete(issue_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Delete an issue with all its texts, as an owner of the project. Its events stay, with users and times."""
    from qdash_core.documents.issues import IssueEventDocument
    from qdash_core.issues.texts import parse_issue_id
    from qdash_core.models.project import ProjectRole

    with command_user.open_for_writing(ProjectRole.OWNER) as (qdash, access):
        gone = IssueEventDocument.from_event(qdash.issues.delete(access, issue_id))
    if as_json:
        emit_json(gone)
    else:
        number = parse_issue_id(issue_id)
        print_message(f"issue {number} was deleted: `qdash issue events {number}` shows its trace")


def _select_given(**fields: Any) -> dict[str, Any]:
    """Return the given fields. Repeated options become lists, and one empty text an empty list."""
    given = {name: value for name, value in fields.items() if value is not None and value != ()}
    return {
        name: [one for one in value if one] if isinstance(value, tuple) else value
        for name, value in given.items()
    }


def _resolve_links(qdash: QDash, access: Access, links: dict[str, Any]) -> dict[str, Any]:
    """Return the given links by field, with whole ids. An empty text clears a link."""
    result, execution = links["result"], links["execution"]
    return _select_given(
        task_id=qdash.results.resolve_id(access, result) if result else result,
        chip_id=links["chip"],
        targets=links["targets"],
        metrics=links["metrics"],
        execution_id=qdash.executions.resolve_id(access, execution) if execution else execution,
        cooldown_id=links["cooldown"],
    )


def _show(qdash: QDash, view: IssueView, *, as_json: bool) -> None:
    from qdash_core.documents.issues import IssueDocument

    document = IssueDocument.from_view(view)
    if as_json:
        emit_json(document)
    else:
        print_issue(document, qdash.zone)
