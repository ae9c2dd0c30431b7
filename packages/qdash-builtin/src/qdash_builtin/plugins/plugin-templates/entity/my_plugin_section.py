"""Section on the page of an execution."""

import streamlit as st

from my_plugin_operations import OfChip, list_remarks


def draw(view, subject):
    """Draw the newest remarks on the chip of an execution."""
    for one in view.ask(list_remarks.paged(limit=5), OfChip(chip_id=subject.chip_id)).items:
        st.write(f"{one.name}: {one.remark}")
