"""Documents of tools within a size."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.conversations.tools.document_size import SHORTENED, fit_document, write_compact

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=10), inner, max_size=8),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=10), VALUES, max_size=5))
def test_a_document_fits_and_is_unchanged_if_it_did_before(document: dict[str, Any]) -> None:
    fitted = fit_document(document, 600)
    assert len(write_compact(fitted)) <= 600
    if len(write_compact(document)) <= 600:
        assert fitted == document
    else:
        assert SHORTENED in fitted


def test_a_citation_is_never_missing() -> None:
    cite = f"[value:{'c' * 120}/0/t1]"
    fields = {f"field_{number}": "x" * 200 for number in range(100)}
    assert fit_document({**fields, "cite": cite}, 600)["cite"] == cite
    assert fit_document({"rows": [{"cite": cite, "text": "x" * 3000}]}, 600)["rows"][0]["cite"] == cite


def test_missing_parts_are_counted() -> None:
    rows = [{"id": str(number), "text": "x" * 3000} for number in range(100)]
    table = {str(number): {"value": number} for number in range(100)}
    fitted = fit_document({"rows": rows, "table": table}, 4000)
    kept = len(fitted["rows"]) - 1
    assert fitted["rows"][-1] == f"({100 - kept} more)"
    assert fitted["table"]["(more)"] == 100 - kept
    assert fitted["rows"][0]["text"].endswith("more characters)")
    assert f"after {kept} entries" in fitted[SHORTENED]
