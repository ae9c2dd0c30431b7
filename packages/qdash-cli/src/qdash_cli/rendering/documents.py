"""Text output of view models: the columns that they declare, else all their fields."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.documents.base import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.documents.base import Document


def print_list(documents: Sequence[Document], zone: ZoneInfo) -> None:
    """Print view models of one type as a table."""
    columns = _list_columns(documents[0])
    values = {one: [getattr(document, one.field) for document in documents] for one in columns}
    times = {one for one in columns if any(isinstance(value, datetime) for value in values[one])}
    headers = {
        one: format_time_header(one.header, zone, values[one]) if one in times else one.header
        for one in columns
    }
    print_table(
        list(headers.values()),
        zip(*([_format(value, zone, short=True) for value in values[one]] for one in columns), strict=True),
        fold=[headers[one] for one in columns if one.wraps],
    )


def print_document(document: Document, zone: ZoneInfo) -> None:
    """Print a view model, a field in each line."""
    for column in _list_columns(document):
        if text := _format(getattr(document, column.field), zone):
            print_message(f"{column.header}: {text}")


def _list_columns(document: Document) -> Sequence[Column]:
    return document.text_columns or [
        Column(name.replace("_", " "), name, wraps=not name.endswith("_id"))
        for name in type(document).model_fields
    ]


def _format(value: object, zone: ZoneInfo, *, short: bool = False) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return format_short_time(value, zone) if short else format_time(value, zone)
        case list() | tuple():
            return ", ".join(_format(one, zone) for one in value)
    return str(value)
