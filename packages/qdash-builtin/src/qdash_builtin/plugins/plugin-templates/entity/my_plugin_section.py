"""Section on the page of an execution: the newest remarks on its chip."""

import streamlit as st

from my_plugin_operations import OfChip, list_remarks


def draw(view, subject):
    for one in view.ask(list_remarks.paged(limit=5), OfChip(chip_id=subject.chip_id)).items:
        st.write(f"{one.name}: {one.remark}")
