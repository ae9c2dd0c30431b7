"""The theme that somebody chose, wherever they log in: Streamlit keeps one for each address, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import component

if TYPE_CHECKING:
    from collections.abc import Iterable

_theme = component("theme", html="<span hidden></span>")


def theme(chosen: str, paths: Iterable[str]) -> None:
    """Let the pages of the dashboard have a theme; where this one has another, it is loaded anew.

    Parameters
    ----------
    chosen : str
        `system`, `light` or `dark`.
    paths : iterable of str
        Of all pages.
    """
    _theme(key="qdash.theme", data={"chosen": chosen.capitalize(), "paths": list(paths)})
