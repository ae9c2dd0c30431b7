"""Theme of a user in every browser; Streamlit itself stores one in each browser for each URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Iterable

_theme = make_component(__file__, html="<span hidden></span>")


def apply_theme(chosen: str, paths: Iterable[str]) -> None:
    """Set the theme `system`, `light` or `dark` of all pages at these paths; reload this page if its theme changes."""
    _theme(key="qdash.theme", data={"chosen": chosen.capitalize(), "paths": list(paths)})
