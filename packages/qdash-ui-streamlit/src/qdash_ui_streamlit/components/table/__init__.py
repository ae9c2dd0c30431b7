"""Tables with sorting, filters, links, status marks, times and row selection in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.display.object_links import make_object_url
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_ui_streamlit.display.object_links import ObjectKind
    from qdash_ui_streamlit.view import View

CellKind = Literal[
    "text",
    "number",
    "status",
    "time",
    "quantity",
    "judged",
    "seconds",
    "age",
    "code",
    "states",
    "links",
    "lines",
    "chip",
    "execution",
    "user",
]
_OBJECTS: dict[str, tuple[ObjectKind, str]] = {
    "chip": ("chip", "text"),
    "execution": ("execution", "code"),
    "user": ("user", "text"),
}
"""Kind of object and kind of cell by the kind of a column."""
_table = make_component(
    __file__, html='<div class="place"></div>', parts=("save_file", "column_choice", "csv")
)


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table.

    Parameters
    ----------
    name : str
        Key of its cells in rows.
    kind : str
        Format of its cells: `time` takes a datetime, or words if there is none, `quantity` a (value, error, unit), `judged` a (value, error,
        state, marks, time, unit, limit): `within` or `outside` specification or None, its marks as `states`, the ISO time of the measurement or None, and if
        its heading does not tell them, unit and limit, `seconds` and `age` (which is shorter) a number, `lines` a list of texts, `states` a list
        of mappings with `state`, `text`, and optionally `href` and `title`, `links` one of mappings with `text` and `href`. `chip`, `execution` and
        `user` take a name, which links to the object unless `link` names another URL. The ids of executions in a `text` link to them, too.
    link : str
        Key of the URL of a cell in rows; for `judged`: query parameters that a click on a cell adds to the URL of its row; empty: none.
    """

    name: str
    title: str
    kind: CellKind = "text"
    link: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Choice of the columns of a table by the user, which their browser remembers.

    Parameters
    ----------
    offered : sequence of str
        Names of the columns that the user can choose; the others are always shown.
    chosen : sequence of str or None
        Those in the URL; None: those that the browser remembers, or else the usual ones.
    """

    offered: Sequence[str]
    usual: Sequence[str]
    chosen: Sequence[str] | None
    place: str
    choose: Callable[[list[str]], None]


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
    opens: str = "",
    choice: ColumnChoice | None = None,
    file: str = "",
    in_url: bool = False,
) -> list[str]:
    """Show a table, and return the selected rows by their value of `chosen_by`.

    columns, rows
        Contents; an absent cell or None is shown as `–`.
    chosen_by : str
        Key in rows that identifies rows selected by check boxes; empty: no selection.
    opens : str
        Key of the URL in rows that a click on a row opens; its first link should open the same. Empty: none.
    file : str
        Name of the CSV file of the shown rows and columns; empty: no download.
    in_url : bool
        Whether the URL has the column of the order, `sort`, with `-` for the largest first, and the words of the
        filter, `words`. For one table of a page.
    """
    objects = [one for one in columns if one.kind in _OBJECTS and not one.link]
    data = {
        "columns": [_describe_column(one, linked=one in objects) for one in columns],
        "rows": [
            {
                **{name: _to_json(value) for name, value in row.items()},
                **{
                    _link_key(one): make_object_url(view, _OBJECTS[one.kind][0], row.get(one.name))
                    for one in objects
                },
            }
            for row in rows
        ],
        "clock": _name_time_zone(view, columns, rows),
        "execution": (make_object_url(view, "execution", "ID") or "").removesuffix("ID"),
        "sort": in_url and (view.param("sort") or ""),
        "words": (in_url and view.param("words")) or "",
        "label": label,
        "chosen_by": chosen_by,
        "empty": empty,
        "filtered": filtered,
        "shown": shown,
        "zone": view.zone.key,
        "looks": STYLE_DATA,
        "opens": opens,
        "file": file,
        "choice": choice
        and {
            "offered": list(choice.offered),
            "usual": list(choice.usual),
            "chosen": None if choice.chosen is None else list(choice.chosen),
            "place": choice.place,
        },
    }
    options: dict[str, Any] = (
        {"default": {"chosen": []}, "on_chosen_change": lambda: None} if chosen_by else {}
    )
    if choice is not None:
        options["on_columns_change"] = lambda: choice.choose(st.session_state[key]["columns"])
    found = _table(key=key, data=data, **options)
    return list(found.chosen or []) if chosen_by else []


def _describe_column(column: Column, *, linked: bool) -> list[str]:
    kind = _OBJECTS[column.kind][1] if column.kind in _OBJECTS else column.kind
    link = _link_key(column) if linked else column.link
    return [column.name, column.title, kind, link, column.help]


def _link_key(column: Column) -> str:
    return f"{column.name}.href"


def _name_time_zone(view: View, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the abbreviation of the time zone of the times in a table; both, if some are in daylight-saving time."""
    names = [one.name for one in columns if one.kind == "time"]
    times = [row[name] for row in rows for name in names if isinstance(row.get(name), datetime)]
    clocks = {moment.astimezone(view.zone).tzname() or view.zone.key for moment in times}
    return "/".join(sorted(clocks))


def _to_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
