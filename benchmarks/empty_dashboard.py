"""Empty Streamlit application with as many pages as the dashboard, grouped alike: the least cost of any page."""

from functools import partial

import streamlit as st

GROUPS = {
    "Now": ("overview", "executions", "execution", "result"),
    "Chip": ("chip", "qubit", "coupling", "workbench", "schedule"),
    "Library": ("tasks",),
    "Laboratory": ("cryostat", "laser"),
    "Administration": ("members", "plugins", "settings"),
}


def _empty(path: str) -> None:
    st.title(path)


def _page(path: str) -> st.Page:
    return st.Page(partial(_empty, path), title=path.title(), url_path=path, default=path == "overview")


if __name__ == "__main__":
    st.navigation({group: [_page(path) for path in paths] for group, paths in GROUPS.items()}).run()
