"""What stands at the top of a qubit or coupling: its state, where it is, and what is beside it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.documents.targets import CouplingDocument
from qdash_ui_streamlit.showing.statuses import look, status_html
from qdash_ui_streamlit.showing.targets import beside, kind_of, neighbours

if TYPE_CHECKING:
    from qdash_ui_streamlit.pages.target_seen import Seen
    from qdash_ui_streamlit.view import View

_BETWEEN = " &nbsp;·&nbsp; "


def draw_header(view: View, seen: Seen) -> None:
    """Draw it: state, place and the way to the map in one line, what is beside it in the next."""
    chip, target_id = seen.chip, seen.target.id
    on_map = view.link("chip", chip=chip.chip_id, target=target_id)
    first = [
        status_html(seen.target.status),
        f"chip {escape(chip.chip_id)}",
        *_place(seen),
        f'<a href="{escape(on_map)}">show on the map</a>',
    ]
    word = "couplings" if seen.kind.word == "qubit" else "qubits"
    before, after = beside(chip, target_id)
    ways = [
        f"previous {_to(view, seen, before)}" if before else "",
        f"next {_to(view, seen, after)}" if after else "",
        f"{word} {', '.join(_to(view, seen, one) for one in neighbours(chip, target_id)) or 'none'}",
    ]
    second = (
        f'<nav aria-label="beside this {seen.kind.word}">{_BETWEEN.join(one for one in ways if one)}</nav>'
    )
    st.markdown(f"<div>{_BETWEEN.join(first)}</div>{second}", unsafe_allow_html=True)


def _place(seen: Seen) -> list[str]:
    target = seen.target
    if isinstance(target, CouplingDocument):
        if target.control is None:
            return ["no direction chosen yet"]
        other = next(one for one in neighbours(seen.chip, target.id) if one != target.control)
        return [f"qubit {escape(target.control)} controls qubit {escape(other)}"]
    said = [] if target.mux is None else [f"multiplexer {target.mux}"]
    if target.row is not None and target.col is not None:
        said.append(f"row {target.row}, column {target.col}")
    return said


def _to(view: View, seen: Seen, target_id: str) -> str:
    kind = kind_of(target_id)
    status = kind.on(seen.chip)[target_id].status
    found = look(status)
    address = escape(view.link(kind.word, chip=seen.chip.chip_id, **{kind.word: target_id}))
    mark = f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>'
    return f'<a href="{address}" title="{kind.word} {target_id}: {status}">{target_id}</a>&nbsp;{mark}'
