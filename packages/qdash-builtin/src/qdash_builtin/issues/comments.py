"""Changes of comments of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.issue_files import drop_unnamed_files
from qdash_builtin.issues.model import IssueEventKind
from qdash_builtin.issues.pictures import require_pictures
from qdash_builtin.issues.view import collect_comments
from qdash_builtin.text_pages.user_texts import check_text
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from qdash_builtin.issues.change import IssueChange

MOST_COMMENTS = 500


def add_comment(change: IssueChange, text: str) -> int:
    """Add a comment, and return its number.

    Raises
    ------
    NotFoundError, InvalidInputError
        If the text is empty, not valid, or has a picture that does not exist.
    ConflictError
        If the issue has too many comments.
    """
    if change.issue.n_comments >= MOST_COMMENTS:
        raise ConflictError(
            f"issue {change.issue.issue_id} has {MOST_COMMENTS} comments, which is the limit: open another issue"
        )
    return change.log(IssueEventKind.COMMENTED, text=_check_comment(change, text))


def replace_comment(change: IssueChange, number: int, text: str) -> None:
    """Replace the text of a comment; raise as `add_comment` and `remove_comment`."""
    _require_own_comment(change, number)
    change.log(IssueEventKind.COMMENT_EDITED, comment=number, text=_check_comment(change, text))


def remove_comment(change: IssueChange, number: int) -> None:
    """Remove a comment, its texts from all events, and the files that only these texts name.

    Raises
    ------
    NotFoundError
        If there is no such comment.
    AccessDeniedError
        If the user is neither its author nor an owner of the project.
    """
    _require_own_comment(change, number)
    erased = [event for event in change.events if number in (event.number, event.comment)]
    change.erase_texts(comment=number)
    drop_unnamed_files(change, erased)
    change.log(IssueEventKind.COMMENT_REMOVED, comment=number)
    if change.issue.closing_comment == number:
        change.update(closing_comment=None)


def _check_comment(change: IssueChange, text: str) -> str:
    """Return the text of a comment as it is stored, and note it as a new text."""
    made = check_text(text, "comment")
    if not made:
        raise InvalidInputError("the comment is empty: write a text")
    require_pictures(change.repositories, change.access.project_id, made)
    change.texts.append(made)
    return made


def _require_own_comment(change: IssueChange, number: int) -> None:
    """Raise an error unless the user may change a comment."""
    found = {comment.number: comment for comment in collect_comments(change.events)}.get(number)
    if found is None:
        raise NotFoundError(f"issue {change.issue.issue_id} has no comment {number}")
    if found.username != change.access.username and not change.access.role.includes(ProjectRole.OWNER):
        raise AccessDeniedError(
            f"comment {number} is by {found.username}: its author and owners of the project can change it"
        )
