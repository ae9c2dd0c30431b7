"""Links that download files of the host."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def draw_download_link(
    view: View, path: str, label: str, *, name: str, hint: str = "", **query: object
) -> None:
    """Draw a link that downloads a response of the host.

    Parameters
    ----------
    view : View
        View of the user.
    path : str
        Path of the host, quoted.
    label : str
        Text of the link.
    name : str
        Name of the file.
    hint : str
        Tooltip.
    **query
        Query of the path.
    """
    title = f' title="{escape(hint)}"' if hint else ""
    st.html(
        f'<a href="{escape(view.host_path(path, **query))}" download="{escape(name)}"{title}>{escape(label)}</a>',
        width="content",
    )


def draw_report_link(view: View, path: str, *, name: str) -> None:
    """Draw a link that downloads the report of a path of the host, such as `chips/64Qv3`."""
    draw_download_link(
        view,
        f"{path}/report",
        "Report (HTML)",
        name=f"report-{name}.html",
        hint="One page with values, maps, figures, failures and changes; for a large chip it takes up to a minute",
    )


def draw_context_links(view: View, path: str, *, name: str, **query: object) -> None:
    """Draw the links that download the context of a path of the host, such as `chips/64Qv3`, as Markdown and as JSON.

    Parameters
    ----------
    view : View
        View of the user.
    path : str
        Path of the host, quoted.
    name : str
        Name of the object, for the names of the files.
    **query
        Query of the path.
    """
    hint = "The data in one document of limited size, for a message, a ticket or a language model"
    markdown, json = f"context-{name}.md", f"context-{name}.json"
    draw_download_link(view, f"{path}/context-page", "Context (Markdown)", name=markdown, hint=hint, **query)
    draw_download_link(view, f"{path}/context", "Context (JSON)", name=json, hint=hint, **query)
