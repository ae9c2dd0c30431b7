"""Tables: sorted and filtered in the browser, with links into the dashboard, states, times with UTC on hover, and a choice of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.showing.statuses import AS_SENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_ui_streamlit.view import View

Kind = Literal["text", "number", "status", "time", "quantity", "seconds", "code"]
_table = component("table", html='<div class="place"></div>')


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    name : str
        Key of its cells in rows.
    title : str
        Its heading.
    kind : str
        How cells look: `time` takes a datetime, `quantity` a (value, error, unit), `seconds` a number.
    link : str
        Key of the address to which a cell leads, in rows; empty: to none.
    help : str
        Shown on hover over the heading.
    """

    name: str
    title: str
    kind: Kind = "text"
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
    empty: str = "There is nothing yet.",
    filtered: bool = True,
    shown: int = 200,
) -> list[str]:
    """Show a table, and return the rows that are chosen in it, by what they have under `chosen_by`.

    Parameters
    ----------
    view : View
        Who looks: the zone of times, and where links lead.
    columns, rows
        What stands in it; a cell that is absent or None is `–`.
    key : str
        Unique on the page.
    label : str
        What it is a table of, for who does not see it.
    chosen_by : str
        Key in rows by which they are chosen with check boxes; empty: they are not.
    empty : str
        What stands where there are no rows.
    filtered : bool
        Whether there is a field that filters rows by words.
    shown : int
        So many rows at first; a button shows more.
    """
    data = {
        "columns": [[one.name, one.title, one.kind, one.link, one.help] for one in columns],
        "rows": [{name: _sent(value) for name, value in row.items()} for row in rows],
        "label": label,
        "chosen_by": chosen_by,
        "empty": empty,
        "filtered": filtered,
        "shown": shown,
        "zone": view.zone.key,
        "looks": AS_SENT,
    }
    options = {"default": {"chosen": []}, "on_chosen_change": lambda: None} if chosen_by else {}
    found = _table(key=key, data=data, **options)
    return list(found.chosen or []) if chosen_by else []


def _sent(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
