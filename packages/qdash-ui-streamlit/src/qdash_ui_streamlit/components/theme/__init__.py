"""Theme of a user in every browser; Streamlit itself stores one in each browser for each URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Iterable

_theme = make_component(__file__, html="<span hidden></span>")


def apply_theme(chosen: str, paths: Iterable[str]) -> None:
    """Set the theme of all pages of the dashboard; reload this page if its theme changes.

    Parameters
    ----------
    chosen : str
        `system`, `light` or `dark`.
    paths : iterable of str
        Paths of all pages.
    """
    _theme(key="qdash.theme", data={"chosen": chosen.capitalize(), "paths": list(paths)})
