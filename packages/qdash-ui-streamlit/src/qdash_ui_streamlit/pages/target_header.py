"""What stands at the top of a qubit or coupling: its state, where it is, and what is beside it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.documents.targets import CouplingDocument
from qdash_ui_streamlit.showing.lines import anchor, draw_lines
from qdash_ui_streamlit.showing.statuses import look, status_html
from qdash_ui_streamlit.showing.targets import beside, direction, kind_of, neighbours, target_link

if TYPE_CHECKING:
    from qdash_ui_streamlit.pages.target_seen import Seen
    from qdash_ui_streamlit.view import View


def draw_header(view: View, seen: Seen) -> None:
    """Draw it: state, place and the way to the map in one line, what is beside it in the next."""
    chip, target_id = seen.chip, seen.target.id
    first = [
        status_html(seen.target.status),
        f"chip {escape(chip.chip_id)}",
        *_place(seen),
        anchor(view.link("chip", chip=chip.chip_id, target=target_id), "show on the map"),
    ]
    before, after = beside(chip, target_id)
    second = [f"previous {_to(view, seen, before)}"] if before else []
    second += [f"next {_to(view, seen, after)}"] if after else []
    around = neighbours(chip, target_id)
    word = "couplings" if seen.kind.word == "qubit" else "qubits"
    second += [f"{word} {', '.join(_to(view, seen, one) for one in around)}"] if around else []
    draw_lines([first, second])


def _place(seen: Seen) -> list[str]:
    target = seen.target
    if isinstance(target, CouplingDocument):
        return direction(target)
    said = [] if target.mux is None else [f"multiplexer {target.mux}"]
    if target.row is not None and target.col is not None:
        said.append(f"row {target.row}, column {target.col}")
    return said


def _to(view: View, seen: Seen, target_id: str) -> str:
    kind = kind_of(target_id)
    status = kind.on(seen.chip)[target_id].status
    found = look(status)
    address = target_link(view, seen.chip.chip_id, target_id)
    mark = f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>'
    return f"{anchor(address, target_id, title=f'{kind.word} {target_id}: {status}')}&nbsp;{mark}"
