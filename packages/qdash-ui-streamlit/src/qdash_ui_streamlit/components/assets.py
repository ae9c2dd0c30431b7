"""JavaScript and CSS files of components."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE = Path(__file__).parent


def make_component(
    module: str, *, html: str = "", parts: Sequence[str] = (), isolate_styles: bool = True
) -> Any:
    """Return the component of a folder: `NAME/NAME.js`, preceded by `shared.js`, and `NAME/NAME.css`.

    Parameters
    ----------
    module : str
        The `__file__` of the package with the component, whose folder has the name of the component.
    parts : sequence of str
        Further JavaScript files, loaded after `shared.js` and before the component's own, without suffix;
        one that is not in the folder is among those that several components share.
    isolate_styles : bool
        Whether the component is in a shadow root, where styles of the page have no effect.
    """
    folder = Path(module).parent
    name = folder.name
    own = [folder / f"{part}.js" for part in (*parts, name)]
    js = "".join(_read_text(one if one.exists() else _HERE / one.name) for one in (_HERE / "shared.js", *own))
    return st.components.v2.component(
        f"qdash_{name}",
        html=html or "<div></div>",
        css=_read_text(folder / f"{name}.css") or None,
        js=js,
        isolate_styles=isolate_styles,
    )


def _read_text(path: Path) -> str:
    return path.read_text("utf-8") + "\n" if path.exists() else ""
