"""Sites of the documentation for tests: a folder as the builder writes it, without the theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]


def make_site(package: Path, pages: Mapping[str, str]) -> Path:
    """Write a site with these pages into the folder of a distribution, and return its folder."""
    site = package / "documentation"
    for name, text in pages.items():
        source, page = site / "sources" / name, (site / name).with_suffix(".html")
        source.parent.mkdir(parents=True, exist_ok=True)
        page.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, "utf-8")
        page.write_text(f"<html>{name}</html>", "utf-8")
    (site / "index.html").write_text("<html>index</html>", "utf-8")
    return site
