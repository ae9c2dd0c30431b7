"""Texts of issues, with the pictures of results and the files that they show."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.issues.pages.user_markdown import draw_user_markdown
from qdash_builtin.results.operations.results import result_figure
from qdash_builtin.results.pages.result_figures import draw_plotly
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.attachments.pages.file_links import FileLink
    from qdash_builtin.issues.pages.user_markdown import ResultPicture
    from qdash_builtin.issues.views import IssuePictureDocument
    from qdash_ui_streamlit.view import View

_THUMBNAIL = "thumbnail"
_THUMBNAIL_WIDTH = 320
_MOST_DRAWN = 20
"""Number of figures on a page; further pictures are links, since each figure takes time in the browser."""


@dataclass
class IssueTexts:
    """Drawing of the texts of one page; each figure has its own key.

    `place` is a unique name of the page. `pictures` are those that are known, or None for texts that the host has not checked.
    """

    view: View
    place: str
    pictures: Iterable[IssuePictureDocument] | None = None
    files: Mapping[str, FileLink] | None = None
    _drawn: int = field(default=0, init=False)

    def draw(self, text: str) -> None:
        """Draw a text."""
        draw_user_markdown(text, draw_picture=self._draw_picture, files=self.files)

    def _draw_picture(self, picture: ResultPicture) -> None:
        known = self._find(picture)
        if known is not None and not known.exists:
            st.caption(f"The result {escape_markdown(picture.task_id)} of this picture no longer exists.")
            return
        name = known.task if known is not None and known.task else "result"
        on = f" on {known.qid}" if known is not None and known.qid else ""
        if self._drawn < _MOST_DRAWN:
            self._drawn += 1
            small = picture.figure == _THUMBNAIL
            with st.container(width=_THUMBNAIL_WIDTH if small else "stretch"), show_errors():
                figure = self.view.ask(result_figure, picture.task_id)
                draw_plotly(
                    self.view, figure, f"{self.place}.figure.{self._drawn}", label=f"Figure of {name}{on}"
                )
        link = format_link(self.view.link("result", result=picture.task_id), f"{name}{on}")
        caption = escape(" ".join(picture.caption.split()))
        draw_lines([[link, *([caption] if caption else [])]])

    def _find(self, picture: ResultPicture) -> IssuePictureDocument | None:
        same = (one for one in self.pictures or () if one.task_id == picture.task_id)
        return next(same, None)
