"""Findings of the overview, the worst first: alerts of the laboratory, then the advised actions of a digest, each with its button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.digests.pages.digest_advice import FORM
from qdash_builtin.runs.pages.execution_actions import show_last_action
from qdash_builtin.runs.pages.run_submission import draw_started_run
from qdash_ui_streamlit.display.lines import format_link

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_ui_streamlit.view import View

MOST = 10
"""Number of findings that are shown at first."""
PLACE = "digest"
"""Place of the outcome of an action among the findings."""
_ALL = "findings"
_STYLE = """<style>
.st-key-findings [data-testid=stMarkdownContainer] { font-size: 0.9rem; margin-bottom: 0; }
.st-key-findings [data-testid=stColumn]:last-child { flex: 0 0 auto; width: auto; min-width: 0; }
.st-key-findings [data-testid=stColumn]:last-child:not(:has(button, a)) { display: none; }
.st-key-findings [data-testid=stHorizontalBlock] { align-items: start; gap: 0.3rem 0.75rem; }
.st-key-findings :is(p, ol) { margin-bottom: 0; }
.st-key-findings small code { font-size: 0.75rem; overflow-wrap: anywhere; }
.st-key-findings button { min-height: 2rem; padding: 0.1rem 0.6rem; white-space: nowrap; }
.st-key-findings a.page { display: inline-block; padding: 0.2rem 0.6rem; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.5rem; color: inherit; text-decoration: none; white-space: nowrap; }
.st-key-findings a.page:hover { border-color: currentColor; }
</style>"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Fact that a user should know, as Markdown with HTML, with the action that it needs.

    Parameters
    ----------
    page : tuple of (str, str) or None
        Title and URL of the page that it leads to.
    draw_button : callable or None
        Draws the button of its action.
    """

    text: str
    page: tuple[str, str] | None = None
    draw_button: Callable[[], object] | None = None


def draw_findings(view: View, findings: Sequence[Finding]) -> None:
    """Draw the first findings, and a link to the others; all of them with `findings=all` in the URL."""
    st.html(_STYLE)
    show_last_action(PLACE)
    draw_started_run(view, key=FORM, with_progress=False)
    if not findings:
        st.caption("Nothing.")
        return
    shown = findings if view.param(_ALL) == "all" else findings[:MOST]
    with st.container(key="findings", gap="small"):
        for number, one in enumerate(shown, 1):
            text, action = st.columns(2)
            text.markdown(f"{number}. {one.text}", unsafe_allow_html=True)
            with action:
                if one.page is not None:
                    title, address = one.page
                    link = format_link(address, title).replace("<a ", '<a class="page" ', 1)
                    st.markdown(link, unsafe_allow_html=True)
                elif one.draw_button is not None:
                    one.draw_button()
        if rest := len(findings) - len(shown):
            params = {**st.query_params.to_dict(), _ALL: "all"}
            more = "finding" if rest == 1 else "findings"
            st.markdown(f"[{rest} more {more}]({view.link('overview', **params)})")
