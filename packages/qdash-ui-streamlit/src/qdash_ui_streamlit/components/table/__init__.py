"""Tables with sorting, filters, links, status marks, times and row selection in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_ui_streamlit.view import View

CellKind = Literal[
    "text", "number", "status", "time", "quantity", "seconds", "code", "states", "links", "lines"
]
_table = make_component(__file__, html='<div class="place"></div>')


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table.

    Parameters
    ----------
    name : str
        Key of its cells in rows.
    title : str
        Heading.
    kind : str
        Format of its cells: `time` takes a datetime, `quantity` a (value, error, unit), `seconds` a number, `lines` a list of texts, `states` a list
        of mappings with `state`, `text`, and optionally `href` and `title`, `links` one of mappings with `text` and `href`.
    link : str
        Key of the URL of a cell in rows; empty: no links.
    help : str
        Tooltip of the heading.
    """

    name: str
    title: str
    kind: CellKind = "text"
    link: str = ""
    help: str = ""


def table(
    view: View,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    label: str,
    chosen_by: str = "",
    empty: str = "No entries yet.",
    filtered: bool = True,
    shown: int = 200,
) -> list[str]:
    """Show a table, and return the selected rows by their value of `chosen_by`.

    Parameters
    ----------
    view : View
        View of the user, with the time zone.
    columns, rows
        Contents; an absent cell or None is shown as `–`.
    key : str
        Unique key on the page.
    label : str
        Description for screen readers.
    chosen_by : str
        Key in rows that identifies rows selected by check boxes; empty: no selection.
    empty : str
        Text if there are no rows.
    filtered : bool
        Whether to show a text filter.
    shown : int
        Initial number of rows; a button shows more.
    """
    data = {
        "columns": [[one.name, one.title, one.kind, one.link, one.help] for one in columns],
        "rows": [{name: _to_json(value) for name, value in row.items()} for row in rows],
        "label": label,
        "chosen_by": chosen_by,
        "empty": empty,
        "filtered": filtered,
        "shown": shown,
        "zone": view.zone.key,
        "looks": STYLE_DATA,
    }
    options = {"default": {"chosen": []}, "on_chosen_change": lambda: None} if chosen_by else {}
    found = _table(key=key, data=data, **options)
    return list(found.chosen or []) if chosen_by else []


def _to_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
