"""Draws the structure: `python -m docs.make_architecture` writes `docs/images/architecture.svg` and `docs/images/field.svg`.

The first has members, features and layers of the core, from the folders of the packages and the layers of `pyproject.toml`; the second has the
files that one field of a feature changes, and what follows from them. Backgrounds are white, so that the text can be read on light and dark
pages.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
FEATURES = ROOT / "packages/qdash-builtin/src/qdash_builtin"
MEMBERS = {
    "Interfaces": ("qdash-cli", "qdash-api", "qdash-remote", "qdash-ui-streamlit"),
    "Tasks and fits": ("qdash-tasks", "qdash-analysis"),
    "Laboratories": ("qdash-fake", "qdash-qubex"),
    "Stores": ("qdash-sqlite", "qdash-mongo"),
    "Other plugins": (
        "qdash-scheduling",
        "qdash-notify",
        "qdash-pictures",
        "qdash-prefect",
        "qdash-assistant",
    ),
    "Import, tests": ("qdash-original", "qdash-testing"),
}
"""Members by purpose, without those with a band of their own."""
FIELD = (
    ("model.py, links.py", "the stored record and its history, in every store"),
    ("requests.py", "the option of the command, the body of the route, the input of the form"),
    ("views.py", "JSON of the command, of the route and of Python"),
    ("text_output.py", "the text of the command"),
    ("pages/", "the page of the dashboard"),
    ("samples, then generate.py", "samples.json and openapi.json, the examples and the schema of the API"),
    ("tests/features/issues", "the promise to users, kept by later changes"),
)
"""Files of the tutorial for contributors, and what follows from each."""

_WIDTH, _LABEL, _LEFT, _RIGHT = 880, 16, 168, 864
_BOX, _GAP, _SIZE, _CHARACTER = 24, 6, 13, 7.7
_INK, _FRAME = "#1f2933", "#9aa5b1"
_SHADES = {"members": "#e3eefb", "features": "#e6f4e6", "shared": "#f4f4f4", "core": "#fdf0dc"}


def main(folder: Path = IMAGES) -> None:
    """Write the drawings into a folder."""
    for name, text in draw_all().items():
        (folder / name).write_text(text, encoding="utf-8")


def draw_all() -> dict[str, str]:
    """Return each drawing as SVG by the name of its file."""
    return {"architecture.svg": draw_structure(), "field.svg": draw_field()}


def list_features() -> tuple[list[str], list[str]]:
    """Return the folders of features, and those that features share."""
    folders = sorted(path.parent.name for path in FEATURES.glob("*/__init__.py"))
    own = {path.parent.name for path in FEATURES.glob("*/feature.py")} | {"notebooks"}
    return [one for one in folders if one in own], [one for one in folders if one not in own]


def list_layers() -> list[list[str]]:
    """Return the folders and modules of the core by layer, from the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (one["layers"] for one in contracts if one.get("containers") == ["qdash_core"])
    return [[name.strip() for name in layer.split(":")] for layer in layers]


def draw_structure() -> str:
    """Return members, features and layers as SVG."""
    parts: list[str] = []
    features, shared = list_features()
    y = _draw_heading(parts, 30, "Interfaces and plugins: members of the workspace, which qdash installs")
    for label, members in MEMBERS.items():
        y = _draw_row(parts, y, label, [(one, "members") for one in members])
    y = _draw_heading(parts, y + 22, "Features: folders of qdash-builtin")
    boxes = [*((one, "features") for one in features), *((one, "shared") for one in shared)]
    y = _draw_row(parts, y, "grey: shared parts", boxes)
    y = _draw_heading(
        parts, y + 22, "Core: folders of qdash-core, in layers; a folder imports lower layers only"
    )
    for number, layer in enumerate(list_layers(), 1):
        y = _draw_row(parts, y, f"layer {number}", [(one, "core") for one in layer])
    y = _draw_heading(
        parts,
        y + 22,
        "Everything imports the core; the core imports nothing above it and finds plugins by entry points.",
    )
    return _finish(parts, y, "Members, features and layers of the core")


def draw_field() -> str:
    """Return the files that a new field of an issue changes as SVG."""
    parts: list[str] = []
    y = _draw_heading(parts, 30, "One field of an issue: what you write, and what follows")
    for written, follows in FIELD:
        parts.append(
            f'<rect x="{_LABEL}" y="{y}" width="230" height="{_BOX}" rx="4" fill="{_SHADES["features"]}" stroke="{_FRAME}"/>'
        )
        parts.append(_text(_LABEL + 115, y + 17, written, anchor="middle"))
        middle = y + _BOX / 2
        parts.append(f'<path d="M252 {middle} H302 m-7 -4 l7 4 l-7 4" fill="none" stroke="{_INK}"/>')
        parts.append(_text(314, y + 17, follows))
        y += _BOX + _GAP
    return _finish(parts, y + 8, "Files that a new field changes")


def _finish(parts: Sequence[str], height: float, title: str) -> str:
    size = f'width="{_WIDTH}" height="{height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect {size} fill="#ffffff"/>',
            f'<g font-family="sans-serif" font-size="{_SIZE}">',
            *parts,
            "</g>",
            "</svg>\n",
        ]
    )


def _draw_heading(parts: list[str], y: float, text: str) -> float:
    parts.append(_text(_LABEL, y, text, weight="bold"))
    return y + 12


def _draw_row(parts: list[str], y: float, label: str, boxes: Sequence[tuple[str, str]]) -> float:
    """Draw boxes in as many lines as they need, and return the height below them."""
    parts.append(_text(_LABEL, y + 17, label))
    x: float = _LEFT
    for name, shade in boxes:
        width = len(name) * _CHARACTER + 14
        if x + width > _RIGHT:
            x, y = _LEFT, y + _BOX + _GAP
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BOX}" rx="4" fill="{_SHADES[shade]}" stroke="{_FRAME}"/>'
        )
        parts.append(_text(x + width / 2, y + 17, name, anchor="middle"))
        x += width + _GAP
    return y + _BOX + _GAP


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{_INK}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
