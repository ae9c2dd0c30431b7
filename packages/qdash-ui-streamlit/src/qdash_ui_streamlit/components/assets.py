"""The files of components: JavaScript and CSS as they are sent to the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def component(name: str, *, html: str = "") -> Any:
    """Return what mounts the component of a folder: `NAME/NAME.js`, with `shared.js` before it, and `NAME/NAME.css`.

    Parameters
    ----------
    name : str
        Of the folder.
    html : str
        What stands in it at first.
    """
    folder = _HERE / name
    js = _text(_HERE / "shared.js") + _text(folder / f"{name}.js")
    return st.components.v2.component(
        f"qdash_{name}", html=html or "<div></div>", css=_text(folder / f"{name}.css") or None, js=js
    )


def _text(path: Path) -> str:
    return path.read_text("utf-8") + "\n" if path.exists() else ""
