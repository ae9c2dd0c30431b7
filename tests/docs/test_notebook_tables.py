"""Columns of the tables of notebooks, as the documentation lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_builtin.notebooks.tables import HISTORY_COLUMNS, RESULT_COLUMNS, VALUE_COLUMNS

from ..case_tables import each_case
from .pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping


@each_case(
    ("table", "columns"),
    [("values", VALUE_COLUMNS), ("history", HISTORY_COLUMNS), ("results", RESULT_COLUMNS)],
)
def test_the_page_lists_the_columns_in_their_order(table: str, columns: Mapping[str, str]) -> None:
    page = (ROOT / "docs/features/notebooks.md").read_text("utf-8").partition("| table | columns |")[2]
    (row,) = re.findall(rf"^\| `{table}` \| (.*) \|$", page, re.MULTILINE)
    listed = re.findall(r"`(\w+)`", row.partition("; then for each")[0])
    assert [name for name in listed if name in columns] == [*columns]
