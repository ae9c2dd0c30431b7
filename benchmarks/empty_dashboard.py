"""An empty Streamlit application of as many pages as the dashboard has: what any page of it costs at least."""

from functools import partial

import streamlit as st

PATHS = (
    "overview",
    "chip",
    "qubit",
    "coupling",
    "executions",
    "execution",
    "result",
    "tasks",
    "members",
    "plugins",
    "settings",
)


def _empty(path: str) -> None:
    st.title(path)


st.navigation(
    [st.Page(partial(_empty, path), title=path, url_path=path, default=path == PATHS[0]) for path in PATHS]
).run()
