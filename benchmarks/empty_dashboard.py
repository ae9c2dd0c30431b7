"""Empty Streamlit application with as many pages as the dashboard, grouped alike: the least cost of any page."""

from functools import partial

import streamlit as st

from qdash_ui_streamlit.page import PLUGINS
from qdash_ui_streamlit.process_cache import get_installed_pages

GROUPS: dict[str, list[str]] = {}
for _known in get_installed_pages().placed:
    GROUPS.setdefault(_known.group, []).append(_known.path)
GROUPS[PLUGINS] = ["cryostat", "laser"]  # those of the plugin in the tests


def _empty(path: str) -> None:
    st.title(path)


def _page(path: str) -> st.Page:
    return st.Page(partial(_empty, path), title=path.title(), url_path=path, default=path == "overview")


if __name__ == "__main__":
    st.navigation({group: [_page(path) for path in paths] for group, paths in GROUPS.items()}).run()
