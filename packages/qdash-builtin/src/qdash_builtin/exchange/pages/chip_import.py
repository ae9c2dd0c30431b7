"""Import page of a chip: values of a file compared with those of the chip, and imported."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.exchange.operations.exports import compare_import, import_file, list_formats
from qdash_builtin.exchange.requests.exports import ImportQuery
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_core.errors import QDashError
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip, show_problem
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_select, draw_text_field, draw_toggle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.exchange.views.exchange import ComparedDocument, ComparedNumber, ImportDocument
    from qdash_ui_streamlit.view import View

_LARGEST_MB = 1
_DONE = "chip-import.done"
_STANDINGS = {
    "new": "new",
    "differs": "differs",
    "older": "older than the value of the chip",
    "unknown": "unknown",
    "same": "same",
}
_NUMBERS = (
    Column("target", "Target"),
    Column("parameter", "Parameter"),
    Column("chip", "Chip", "quantity"),
    Column("file", "File", "quantity"),
    Column("sigmas", "Difference (σ)", "number"),
    Column("standing", "Comparison"),
    Column("place", "Place in the file"),
)
_IGNORED = (Column("file", "File"), Column("key", "Entry"), Column("why", "Reason"))


def render(view: View) -> None:
    """Draw the page."""
    st.title("Import values", anchor=False)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    if not view.edits:
        show_empty("Editors of the project import values.", f"[Export the chip]({view.link('chip-export')}).")
        return
    st.markdown(
        "Values, design values and wiring of a file are compared with those of the chip before anything is written. A folder is "
        "uploaded as a ZIP archive."
    )
    readers = [one.name for one in view.every(list_formats.paged(limit=200)) if one.is_reader]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_choice(view, "chip", "Chip", chips)
        format_ = draw_select(view, "format", "Format", readers, any_text="detected", width=200)
        only = draw_text_field(view, "only", "Only", placeholder="all, or t1,0..3,design", width=240)
        older = draw_toggle(view, "older", "Include older values")
    given = st.file_uploader("File", key="chip-import.file", max_upload_size=_LARGEST_MB)
    if given is None:
        return
    options = {
        "name": given.name,
        "chip_id": chip_id,
        "format": format_ or None,
        "only": [part.strip() for part in only.split(",")] if only else [],
        "older": older,
    }
    _draw_import(view, given.getvalue(), options)


def _draw_import(view: View, contents: bytes, options: dict[str, Any]) -> None:
    """Draw the comparison of a file with the chip, and the button that imports it."""
    meant = (sha256(contents).hexdigest(), options)
    try:
        query = ImportQuery(**options)
        compared = view.ask(compare_import, contents, query)
    except QDashError as error:
        show_problem(error)
        return
    done: tuple[object, ImportDocument] | None = st.session_state.get(_DONE)
    if done is not None and done[0] == meant:
        link = ""
        if done[1].execution_id:
            address = view.link("execution", execution=done[1].execution_id)
            link = f" The values are the results of [execution {done[1].execution_id}]({address})."
        st.success(f"Imported.{link}", icon=":material/check:")
    wired = compared.changes_wiring
    st.markdown(
        f"Format **{escape_markdown(compared.format)}**: the import changes {compared.n_changes} of {format_count(len(compared.numbers), 'number')}"
        f"{' and the wiring' if wired else ''}."
    )
    if compared.layout:
        st.warning(escape_markdown(compared.layout), icon=":material/warning:")
    for warning in compared.warnings or ():
        st.warning(escape_markdown(warning), icon=":material/warning:")
    if st.button("Import", type="primary", disabled=not (compared.n_changes or wired), key="chip-import.go"):
        try:
            st.session_state[_DONE] = (meant, view.ask(import_file, contents, query, compared.basis))
        except QDashError as error:
            show_problem(error)
        else:
            rerun()
    _draw_comparison(view, compared)


def _draw_comparison(view: View, compared: ImportDocument) -> None:
    titles = load_titles(view)
    table(
        view,
        _NUMBERS,
        [_make_row(one, titles) for one in _sort(compared.numbers)],
        key="chip-import.numbers",
        label="Numbers of the file",
        empty="The file has no numbers.",
        shown=50,
    )
    if compared.not_understood:
        st.subheader("Ignored entries", anchor=False)
        rows = [{"file": one.file, "key": one.key, "why": one.why} for one in compared.not_understood]
        table(view, _IGNORED, rows, key="chip-import.ignored", label="Ignored entries", shown=20)


def _sort(numbers: Iterable[ComparedDocument]) -> list[ComparedDocument]:
    """Return numbers with those first that change the chip."""
    return sorted(numbers, key=lambda one: list(_STANDINGS).index(one.standing))


def _make_row(one: ComparedDocument, titles: Mapping[str, str]) -> dict[str, Any]:
    standing, title = _STANDINGS[one.standing], titles.get(one.parameter, one.parameter)
    return {
        "target": one.target,
        "parameter": f"{title} (design)" if one.kind == "design" else title,
        "chip": _make_quantity(one.chip, one.unit),
        "file": _make_quantity(one.file, one.unit),
        "sigmas": None if one.sigmas is None else round(one.sigmas, 1),
        "standing": f"{standing}: {one.why}" if one.why else standing,
        "place": one.place,
    }


def _make_quantity(number: ComparedNumber | None, unit: str) -> tuple[float, float | None, str] | None:
    if number is None or number.value is None:
        return None
    return number.value, number.error, format_unit(unit)
