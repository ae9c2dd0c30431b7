"""Columns of the page of a target: values, their history and the newest results, and a side column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# One column on a narrow page, in the order of the elements; two from 56 rem on, with the side column below the values; three from
# 100 rem on, with the results beside the history.
_STYLE = """<style>
.st-key-target-columns { container-type: inline-size; }
.st-key-target-columns > * > [data-testid=stHorizontalBlock] { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem 2rem; }
.st-key-target-columns > * > [data-testid=stHorizontalBlock] > [data-testid=stColumn] { width: auto; min-width: 0; }
.st-key-target-columns h2 { padding-top: 0.5rem; }
.st-key-target-main { gap: 1rem 2rem; }
@container (min-width: 56rem) {
  .st-key-target-columns > * > [data-testid=stHorizontalBlock] {
    grid-template: "values main" min-content "side main" 1fr / minmax(0, 1fr) minmax(0, 1fr);
  }
  .st-key-target-columns > * > [data-testid=stHorizontalBlock] > [data-testid=stColumn]:nth-child(1) { grid-area: values; }
  .st-key-target-columns > * > [data-testid=stHorizontalBlock] > [data-testid=stColumn]:nth-child(2) { grid-area: main; }
  .st-key-target-columns > * > [data-testid=stHorizontalBlock] > [data-testid=stColumn]:nth-child(3) { grid-area: side; }
}
@container (min-width: 100rem) {
  .st-key-target-columns > * > [data-testid=stHorizontalBlock] {
    grid-template: "values main side" auto / minmax(0, 3fr) minmax(0, 8fr) minmax(0, 2fr);
  }
  .st-key-target-main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; }
}
</style>"""


def make_target_columns() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Return the places of the values, the history, the newest results, and the side column."""
    with st.container(key="target-columns"):
        st.html(_STYLE)
        values, main, side = st.columns(3)
    with main, st.container(key="target-main"):
        history, results = st.container(), st.container()
    return values, history, results, side
