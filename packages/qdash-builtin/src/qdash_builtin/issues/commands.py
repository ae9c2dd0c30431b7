"""Command `qdash issue`: issues of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.attachments.commands import attach_files, files_argument
from qdash_builtin.issues import operations as issues
from qdash_builtin.issues.requests import CommentRequest
from qdash_builtin.issues.text_output import (
    print_issue,
    print_issue_events,
    print_issues,
    print_similar_issues,
)
from qdash_builtin.issues.views import IssueDocument, IssueEventDocument, IssueHeader, SimilarIssuesDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.given_texts import file_option, read_given_text
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.attachments.views import AttachmentDocument


@click.group()
def issue() -> None:
    """Open, find, discuss and close issues of the laboratory.

    ISSUE is the number of an issue, such as 12. A picture in a text is ![text](result:TASK_ID), or ![text](file:NAME) of an attached file, in
    single quotes in a shell.
    """


add_commands(
    issue,
    issues.operations,
    {
        IssueDocument: print_issue,
        PageOf[IssueHeader]: print_issues,
        PageOf[IssueEventDocument]: print_issue_events,
        SimilarIssuesDocument: print_similar_issues,
    },
)


@issue.command()
@click.argument("issue_id", metavar="ISSUE")
@files_argument
@access_options
@options.json_option
def attach(issue_id: str, paths: tuple[Path, ...], command_user: CommandUser, as_json: bool) -> None:
    """Attach files to an issue, in place of those of the same names.

    Pictures, PDF, CSV, text, NPZ, HDF5 and ZIP files of up to 20 MiB. Pictures lose their metadata, such as the place of a photograph.
    """
    with command_user.connect() as home:

        def put(name: str, contents: bytes) -> AttachmentDocument:
            return home.ask(issues.attach_to_issue, issue_id, name, contents)

        attach_files(paths, put, as_json=as_json)


@issue.command()
@click.argument("issue_id", metavar="ISSUE")
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
    with command_user.connect() as home:
        if removed is not None:
            made = home.ask(issues.remove_issue_comment, issue_id, removed)
        elif edited is not None:
            made = home.ask(issues.edit_issue_comment, issue_id, edited, CommentRequest(text=content or ""))
        else:
            made = home.ask(issues.comment_issue, issue_id, CommentRequest(text=content or ""))
        zone = home.zone
    if as_json:
        emit_json(made)
    else:
        print_issue(made, zone)
