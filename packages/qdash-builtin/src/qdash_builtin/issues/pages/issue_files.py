"""Files of an issue on its page, and of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.pages.file_input import draw_file_input, draw_file_list
from qdash_builtin.attachments.pages.file_links import make_draft_link, make_stored_links
from qdash_builtin.issues.operations import attach_to_issue, delete_file_of_issue, list_files_of_issue
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.display.file_sizes import format_size
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    from qdash_builtin.attachments.pages.file_links import FileLink
    from qdash_builtin.issues.views import IssueDocument
    from qdash_ui_streamlit.view import View


def make_file_links(view: View, issue: IssueDocument) -> dict[str, FileLink]:
    """Return the links to the files of an issue by name."""
    return make_stored_links(view, issue.attachments, f"issues/{issue.issue_id}/files")


def draw_issue_file_input(view: View, issue: IssueDocument, place: str, *, text_key: str) -> None:
    """Draw the input of files for a text of an issue; they are attached at once."""

    def attach(name: str, contents: bytes) -> str:
        return view.ask(attach_to_issue, issue.issue_id, name, contents).media_type

    def list_names() -> list[str]:
        return [one.name for one in view.every(list_files_of_issue, issue.issue_id)]

    draw_file_input(place, text_key=text_key, list_names=list_names, attach=attach)


def draw_issue_files(view: View, issue: IssueDocument) -> None:
    """Draw the files of an issue, with buttons that remove them for editors."""

    def remove(file: FileLink) -> None:
        confirm_action(
            f"Remove the file {file.name}?",
            "It cannot be restored. Texts that show it will say that it is missing.",
            label="Remove",
            act=lambda: view.ask(delete_file_of_issue, issue.issue_id, file.name),
            success="File removed.",
        )

    if not issue.attachments:
        return
    with st.expander(f"Files ({len(issue.attachments)})", icon=":material/attach_file:"):
        links = make_file_links(view, issue).values()
        draw_file_list(f"issue.{issue.issue_id}.file", links, remove=remove if view.edits else None)


_DRAFTS = "issue-drafts"
_MOST_KEPT = 50 * 2**20
"""Size of the files of all drafts of a session, in bytes: the dashboard holds them in memory."""


class FileDrafts:
    """Files of an issue that is still a draft, by the unique key of its form; the session keeps them until the issue is opened."""

    def __init__(self, place: str) -> None:
        self._place = f"{place}.drafts"
        self._all: dict[str, dict[str, tuple[FileLink, bytes]]] = st.session_state.setdefault(_DRAFTS, {})
        self._files = self._all.setdefault(self._place, {})

    @property
    def links(self) -> dict[str, FileLink]:
        """Links for the preview of the text, by name."""
        return {name: link for name, (link, _) in self._files.items()}

    def draw(self, text_key: str) -> None:
        """Draw the input, and the files with buttons that remove them."""
        draw_file_input(self._place, text_key=text_key, list_names=lambda: self._files, attach=self._keep)
        if self._files:
            draw_file_list(self._place, self.links.values(), remove=self._remove)

    def attach(self, view: View, issue_id: str) -> None:
        """Attach the files to the issue, which has been opened; a repetition replaces them by the same ones."""
        for name, (_, contents) in self._files.items():
            view.ask(attach_to_issue, issue_id, name, contents)
        del self._all[self._place]

    def _keep(self, name: str, contents: bytes) -> str:
        if len(self._files) >= TEXT_FILES.number:
            raise InvalidInputError(
                f"{name} cannot be attached: an issue has {TEXT_FILES.number} files at most"
            )
        media_type, cleaned = TEXT_FILES.prepare(name, contents)
        kept = sum(len(one) for files in self._all.values() for _, one in files.values())
        if kept + len(cleaned) > _MOST_KEPT:
            raise InvalidInputError(
                f"{name} cannot be attached yet: drafts keep {format_size(_MOST_KEPT)} of files in all, and have {format_size(kept)}; "
                "open the issue, then attach it there"
            )
        self._files[name] = make_draft_link(name, media_type, cleaned), cleaned
        return media_type

    def _remove(self, file: FileLink) -> None:
        del self._files[file.name]
