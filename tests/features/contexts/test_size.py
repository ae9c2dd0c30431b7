"""Size of a context: bounded for any contents, with a statement of each reduced part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_builtin.contexts.views.context import ContextDocument
from qdash_builtin.contexts.views.context_markdown import ContextMarkdown
from qdash_builtin.contexts.views.context_size import SIZE_RANGE, USUAL_SIZE, fit_context

from .samples import make_context

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[ContextDocument], str]


def write_markdown(document: ContextDocument) -> str:
    return ContextMarkdown(document).write()


TEXTS = st.lists(
    st.text(st.characters(codec="utf-8"), max_size=40).flatmap(
        lambda text: st.integers(1, 200).map(lambda n: text * n)
    ),
    max_size=12,
)
SIZES = st.integers(SIZE_RANGE[0], 60_000)


def list_statements(document: ContextDocument) -> dict[str, tuple[int, int]]:
    return {one.section: (one.shown, one.total) for one in document.omitted or ()}


ANY = given(notes=TEXTS, messages=TEXTS, values=st.integers(0, 400), points=st.integers(1, 300), size=SIZES)


@ANY
@settings(max_examples=8)
def test_no_context_is_larger_than_its_bound(**drawn: Any) -> None:
    check_size(ContextDocument.as_compact_text, **drawn)


@pytest.mark.slow
@pytest.mark.parametrize("write", [ContextDocument.as_compact_text, write_markdown], ids=["json", "markdown"])
@ANY
@settings(max_examples=24)
def test_no_context_of_either_form_is_larger_than_its_bound(write: Write, **drawn: Any) -> None:
    check_size(write, **drawn)


def check_size(
    write: Write, notes: list[str], messages: list[str], values: int, points: int, size: int
) -> None:
    """Fit a context into a size, and check it with the statements of what is left out."""
    context = make_context(notes=notes, messages=messages, values=values, points=points, more=1_000_000)
    document = fit_context(context, size, write)
    assert len(write(document)) <= size
    statements = list_statements(document)
    for name in ("values", "failures", "results", "facts", "peers"):
        shown = len(getattr(document, name) or ())
        assert statements[name] == (shown, getattr(context, name).total)


def test_a_context_that_fits_is_complete_and_states_nothing() -> None:
    context = make_context(notes=["a note"], messages=["no decay"], values=3, points=5)
    document = fit_context(context, USUAL_SIZE, ContextDocument.as_compact_text)
    assert document == ContextDocument.from_context(context)
    assert document.omitted is None


def test_values_and_failures_are_left_out_last() -> None:
    context = make_context(notes=["n" * 300] * 30, messages=["m" * 80] * 20, values=60, points=100)
    counts = [
        {
            name: len(getattr(document, name) or ())
            for name in ("results", "figures", "facts", "values", "failures")
        }
        for size in (90_000, 20_000, 11_000)
        for document in [fit_context(context, size, ContextDocument.as_compact_text)]
    ]
    assert counts[0] == {"results": 20, "figures": 1, "facts": 52, "values": 60, "failures": 20}
    assert counts[1]["values"] == 60
    assert counts[1]["facts"] < 52
    assert counts[2]["results"] == counts[2]["figures"] == 0
    assert counts[2]["facts"] < 6
    assert counts[2]["values"] > 20


def test_a_larger_bound_shows_no_less() -> None:
    context = make_context(notes=["n" * 900] * 10, messages=["m" * 100] * 15, values=120, points=200)
    sizes = range(SIZE_RANGE[0], 110_000, 24_000)
    written = [len(fit_context(context, size, write_markdown).values or ()) for size in sizes]
    assert written == sorted(written)
    assert written[-1] == 120


def test_each_reduced_part_is_stated_with_the_command_that_shows_it() -> None:
    context = make_context(notes=["n" * 9000] * 3, messages=["no decay"] * 30, values=200, points=300)
    document = fit_context(context, 12_000, ContextDocument.as_compact_text)
    stated: dict[str, Any] = {one.section: one for one in document.omitted or ()}
    assert stated["results"].text == f"{len(document.results or ())} of 30 results"
    assert stated["results"].command == "qdash task results --chip lab --target 3 --task CheckT1"
    assert stated["values"].command == "qdash metrics lab --qids 3"
    assert stated["facts"].command is None
    page = write_markdown(document)
    assert f"- {stated['values'].text}: `qdash metrics lab --qids 3`\n" in page


def test_shortened_texts_are_counted() -> None:
    context = make_context(notes=["x" * 15_000, "y" * 15_000, "short"])
    document = fit_context(context, 10_000, ContextDocument.as_compact_text)
    texts = [one.text or "" for one in document.facts or ()]
    assert [text[-2:] for text in texts] == ["x…", "y…", "rt"]
    (statement,) = (one for one in document.omitted or () if one.section == "texts")
    assert statement.text == f"2 texts shortened to {len(texts[0]) - 1} characters"


def test_arrays_of_a_figure_keep_their_common_points() -> None:
    context = make_context(values=150, points=300)
    document = fit_context(context, 30_000, ContextDocument.as_compact_text)
    assert document.figures
    delay, signal = document.figures[0].arrays
    assert 20 <= len(delay.values) == len(signal.values) <= 100
    assert (delay.shape, delay.values[0], delay.values[-1]) == ([300], 0, 299)
