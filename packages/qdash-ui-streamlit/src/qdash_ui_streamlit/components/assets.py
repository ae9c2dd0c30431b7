"""The files of components: JavaScript and CSS as they are sent to the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE = Path(__file__).parent


def component(name: str, *, html: str = "", parts: Sequence[str] = ()) -> Any:
    """Return what mounts the component of a folder: `NAME/NAME.js`, with `shared.js` before it, and `NAME/NAME.css`.

    Parameters
    ----------
    name : str
        Of the folder.
    html : str
        What stands in it at first.
    parts : sequence of str
        Of a component whose JavaScript is in several files: those that stand between `shared.js` and its own, without suffix;
        `../NAME` is one that several components have.
    """
    folder = _HERE / name
    files = [_HERE / "shared.js", *(folder / f"{part}.js" for part in (*parts, name))]
    js = "".join(_text(file) for file in files)
    return st.components.v2.component(
        f"qdash_{name}", html=html or "<div></div>", css=_text(folder / f"{name}.css") or None, js=js
    )


def _text(path: Path) -> str:
    return path.read_text("utf-8") + "\n" if path.exists() else ""
