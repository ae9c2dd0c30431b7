"""Check of a built site: every link and every anchor leads somewhere in it, and nothing is loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

_LOADED = {"script", "link", "img", "iframe", "source", "video", "audio", "object", "embed"}
"""Elements whose addresses a browser loads without a click."""


class _Page(HTMLParser):
    """Links, loaded files and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name in ("href", "src", "data", "poster"):
                (self.loaded if tag in _LOADED else self.links).append(value or "")


def find_faults(site: Path) -> list[str]:
    """Return the broken links of a site, and the files that a page would load from another server."""

    @cache
    def read(path: Path) -> _Page:
        return _Page(path.read_text(encoding="utf-8"))

    def leads_somewhere(page: Path, address: str) -> bool:
        parts = urlsplit(address)
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.is_relative_to(site) or not target.is_file():
            return False
        return target.suffix != ".html" or unquote(parts.fragment) in read(target).anchors

    site, faults = site.resolve(), list[str]()
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        found = read(page)
        faults += [f"{name} loads {one}" for one in found.loaded if _is_elsewhere(one)]
        inside = dict.fromkeys(one for one in (*found.links, *found.loaded) if not _is_elsewhere(one))
        faults += [f"{name}: {one} leads nowhere" for one in inside if not leads_somewhere(page, one)]
    return faults


def _is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.scheme or parts.netloc) and parts.scheme != "data"
