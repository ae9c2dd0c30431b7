"""Files of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.file_markdown import list_files
from qdash_builtin.issues.lookup import begin_change, require_issue
from qdash_builtin.issues.model import IssueEventKind
from qdash_builtin.issues.texts import parse_issue_id
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.attachments.model import Attachment
    from qdash_builtin.issues.change import IssueChange
    from qdash_builtin.issues.model import IssueEventModel
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


class IssueFiles:
    """Issues as `AttachmentService` takes them; an issue is named by its number.

    A file is an event of its issue and tells pages to draw it again, but sends no notice: the text that shows it does.
    """

    noun = "issue"
    accepted = TEXT_FILES
    edit_role = ProjectRole.EDITOR

    def __init__(self, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._zone = zone
        self._clock = clock

    def make_folder(self, key: str) -> str:
        return f"issue/{parse_issue_id(key)}"

    def load(self, repositories: Repositories, access: Access, key: str) -> Sequence[Attachment]:
        return require_issue(repositories, access, key, self._zone).attachments

    def save(self, repositories: Repositories, access: Access, key: str, files: list[Attachment]) -> None:
        change = begin_change(repositories, access, key, now=self._clock(), zone=self._zone)
        change.set_files(files)
        change.write("changed")


def drop_unnamed_files(change: IssueChange, erased: Iterable[IssueEventModel]) -> None:
    """Remove the files that only erased texts of an issue name; files that no text ever named stay.

    The change has the events after the texts were erased, `erased` those with the texts that they had.
    """
    lost = _list_named_files(erased) - _list_named_files(change.events) - {*list_files(change.issue.body)}
    change.update(attachments=[one for one in change.issue.attachments if one.name not in lost])


def _list_named_files(events: Iterable[IssueEventModel]) -> set[str]:
    """Return the names of the files in the present and former texts of events."""
    return {
        name
        for event in events
        if event.kind is not IssueEventKind.FILES_CHANGED
        for text in (event.text, event.before.get("body"), event.after.get("body"))
        if isinstance(text, str)
        for name in list_files(text)
    }
