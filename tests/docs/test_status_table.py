"""The documented table of statuses is the one that runs use."""

from pathlib import Path

from qdash_core.values.status_table import STATUS_TABLE

PAGE = Path(__file__).parents[2] / "docs/features/chips.md"


def test_the_page_has_the_rows_of_the_table_in_their_order() -> None:
    rows = "\n".join(f"| {row.condition} | `{row.status}` |" for row in STATUS_TABLE)
    assert rows in PAGE.read_text("utf-8")
