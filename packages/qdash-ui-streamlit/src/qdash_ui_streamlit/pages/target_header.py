"""Header of a target: status, position and neighbours."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.documents.targets import CouplingDocument
from qdash_ui_streamlit.showing.lines import draw_lines, format_link
from qdash_ui_streamlit.showing.statuses import get_status_style, status_html
from qdash_ui_streamlit.showing.targets import (
    describe_direction,
    find_neighbours_in_order,
    kind_of,
    list_neighbours,
    target_link,
)

if TYPE_CHECKING:
    from qdash_ui_streamlit.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View


def draw_header(view: View, seen: TargetData) -> None:
    """Draw status, position and a link to the map in one line, and neighbouring targets in the next."""
    chip, target_id = seen.chip, seen.target.id
    first = [
        status_html(seen.target.status),
        f"chip {escape(chip.chip_id)}",
        *_place(seen),
        format_link(view.link("chip", chip=chip.chip_id, target=target_id), "show on the map"),
    ]
    before, after = find_neighbours_in_order(chip, target_id)
    second = [f"previous {_to(view, seen, before)}"] if before else []
    second += [f"next {_to(view, seen, after)}"] if after else []
    around = list_neighbours(chip, target_id)
    word = "couplings" if seen.kind.word == "qubit" else "qubits"
    second += [f"{word} {', '.join(_to(view, seen, one) for one in around)}"] if around else []
    draw_lines([first, second])


def _place(seen: TargetData) -> list[str]:
    target = seen.target
    if isinstance(target, CouplingDocument):
        return describe_direction(target)
    said = [] if target.mux is None else [f"multiplexer {target.mux}"]
    if target.row is not None and target.col is not None:
        said.append(f"row {target.row}, column {target.col}")
    return said


def _to(view: View, seen: TargetData, target_id: str) -> str:
    kind = kind_of(target_id)
    status = kind.on(seen.chip)[target_id].status
    found = get_status_style(status)
    address = target_link(view, seen.chip.chip_id, target_id)
    mark = f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>'
    return f"{format_link(address, target_id, title=f'{kind.word} {target_id}: {status}')}&nbsp;{mark}"
