"""Taking a qubit or coupling out, and back in: with what that means, and for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from qdash_client.generated.models.exclusion_request import ExclusionRequest
from qdash_core.errors import QDashError
from qdash_core.models.base import LONGEST_NOTE
from qdash_ui_streamlit.showing.states import problem
from qdash_ui_streamlit.showing.targets import neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.documents.chips import ChipDocument
    from qdash_ui_streamlit.showing.targets import TargetKind
    from qdash_ui_streamlit.view import View

_MEANINGS: dict[Literal["excluded", "dead"], str] = {
    "excluded": "Excluded: it is not to be measured for now",
    "dead": "Dead: it cannot be measured",
}


def exclusion_button(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> None:
    """Draw the button that takes a target out or back in, for who may."""
    if not view.edits:
        return
    if kind.on(chip)[target_id].status.set_aside:
        if st.button("Include again…", icon=":material/add_circle:"):
            _include(view, kind, chip, target_id)
    elif st.button("Exclude…", icon=":material/block:"):
        _exclude(view, kind, chip, target_id)


def impact(kind: TargetKind, chip: ChipDocument, target_id: str) -> str:
    """Say what the exclusion of a target means."""
    said = f"No flow measures {kind.word} {target_id} any more until it is included again. Its values and results stay."
    if kind.word == "qubit" and (touched := neighbours(chip, target_id)):
        said += f" Its couplings are not measured either: {', '.join(touched)}."
    return said


@st.dialog("Exclude from runs")
def _exclude(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> None:
    st.write(impact(kind, chip, target_id))
    status = st.radio("It is", list(_MEANINGS), format_func=_MEANINGS.__getitem__)
    note = st.text_area("Why", max_chars=LONGEST_NOTE, help="It becomes the note on it")
    if st.button(f"Exclude {kind.word} {target_id}", type="primary"):
        if not note.strip():
            st.error("Say why, for those who find it excluded.")
            return
        _done(lambda: view.ask(kind.exclude, chip.chip_id, target_id, body=ExclusionRequest(note, status)))


@st.dialog("Include in runs again")
def _include(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> None:
    st.write(
        f"Flows measure {kind.word} {target_id} again. It keeps its values, and is pending until a run brings it up."
    )
    note = st.text_area("Why", max_chars=LONGEST_NOTE, help="It becomes the note on it")
    if st.button(f"Include {kind.word} {target_id}", type="primary"):
        if not note.strip():
            st.error("Say why, for those who read its note.")
            return
        _done(lambda: view.ask(kind.include, chip.chip_id, target_id, note=note))


def _done(change: Callable[[], object]) -> None:
    try:
        change()
    except QDashError as error:
        problem(error)
        return
    st.rerun()
