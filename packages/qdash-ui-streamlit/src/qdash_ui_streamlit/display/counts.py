"""Numbers of results by outcome, in words with links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.task import describe_outcomes
from qdash_ui_streamlit.display.lines import format_link

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from qdash_ui_streamlit.view import View


def make_count_cell(view: View, execution_id: str, outcomes: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the counts of an execution as a table cell of kind `states`: each opens the counted results."""
    return [
        {
            "state": str(outcome),
            "text": text,
            "href": view.link("execution", execution=execution_id, outcome=outcome),
        }
        for outcome, text in describe_outcomes(outcomes).items()
    ]


def format_counts_html(view: View, execution_id: str, outcomes: Mapping[str, int]) -> str:
    """Return the counts of an execution as HTML, `504 accepted, 1 flagged`, each with a link to the counted results."""
    return ", ".join(
        format_link(one["href"], one["text"].replace(" ", "\N{NO-BREAK SPACE}"))
        for one in make_count_cell(view, execution_id, outcomes)
    )
