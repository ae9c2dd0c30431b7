"""Documentation of QDash that is installed with it, in sections that can be searched and cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

PAGES = (
    "experimenter.md",
    "dashboard.md",
    "operator.md",
    "glossary.md",
    "physics.md",
    "limits.md",
    "analysis.md",
    "trends.md",
    "traces.md",
    "metrics-file.md",
    "scripting.md",
    "plugin-author.md",
    "plugin-hooks.md",
    "stores.md",
    "prefect.md",
    "qubex.md",
)
"""Pages in the distribution `qdash`."""
_HEADING = re.compile(r"(#{1,4}) +(.+?)\s*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
_WORD = re.compile(r"[a-z0-9_]{2,}")
_MOST_WORDS = 20
_TITLE_WEIGHT = 8


@dataclass(frozen=True, slots=True)
class DocSection:
    """Section of a page.

    Parameters
    ----------
    path, anchor : str
        Name of the page, and anchor of its heading; the first heading of a page has an anchor, too.
    title : str
        Heading, after those above it.
    text : str
        Markdown text without the heading and the subsections.
    """

    path: str
    anchor: str
    title: str
    text: str

    @property
    def name(self) -> str:
        """Name in citations."""
        return f"{self.path}#{self.anchor}"


def search_documentation(text: str, *, limit: int) -> list[DocSection]:
    """Return the sections that fit words best, best first; only sections with at least one of them."""
    words = list(dict.fromkeys(_WORD.findall(text.lower())))[:_MOST_WORDS]
    scored = [(score, section) for section in _load_sections() if (score := _score(section, words)) > 0]
    scored.sort(key=lambda one: -one[0])
    return [section for _, section in scored[:limit]]


def _score(section: DocSection, words: list[str]) -> float:
    """Return the number of different words of the section, with their frequency as a tie-break."""
    title, text = section.title.lower(), section.text.lower()
    score = 0.0
    for word in words:
        in_title, number = word in title, text.count(word)
        if in_title or number:
            score += 10 + _TITLE_WEIGHT * in_title + min(number, 10) * 500 / (500 + len(text))
    return score


def get_section(name: str) -> DocSection:
    """Return a section by `PATH#ANCHOR`, or the first one of a page by `PATH`.

    Raises
    ------
    NotFoundError
        If there is no such page or section.
    """
    path, _, anchor = name.partition("#")
    of_page = [one for one in _load_sections() if one.path == path]
    if not of_page:
        pages = list(dict.fromkeys(one.path for one in _load_sections()))
        raise NotFoundError(f"the documentation has no page {path!r}{suggest(path, pages)}")
    for section in of_page:
        if not anchor or section.anchor == anchor:
            return section
    anchors = [one.anchor for one in of_page]
    raise NotFoundError(
        f"page {path} of the documentation has no section {anchor!r}{suggest(anchor, anchors)}"
    )


@cache
def _load_sections() -> tuple[DocSection, ...]:
    return tuple(section for page in PAGES for section in _iter_sections(page, _read_page(page)))


def _read_page(page: str) -> str:
    for folder in _iter_folders():
        file = folder / page
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return ""


def _iter_folders() -> Iterator[Traversable]:
    try:
        package = files("qdash")
    except ModuleNotFoundError:
        return
    yield package / "documentation"  # of an installed distribution
    yield Path(str(package)).parents[1] / "docs"  # of a checkout


def _iter_sections(path: str, text: str) -> Iterator[DocSection]:
    titles = dict[int, str]()
    used = dict[str, int]()
    anchor, lines, fence = "", list[str](), ""
    for line in text.splitlines():
        if marker := _FENCE.match(line):
            fence = "" if marker[1] == fence else fence or marker[1]
        found = None if fence else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        if titles:
            yield _make_section(path, anchor, titles, lines)
        level = len(found[1])
        titles = {key: title for key, title in titles.items() if key < level} | {level: found[2]}
        anchor, lines = _make_anchor(found[2], used), []
    if titles:
        yield _make_section(path, anchor, titles, lines)


def _make_section(path: str, anchor: str, titles: dict[int, str], lines: list[str]) -> DocSection:
    return DocSection(path, anchor, " / ".join(titles.values()), "\n".join(lines).strip())


def _make_anchor(title: str, used: dict[str, int]) -> str:
    """Return the anchor of a heading as GitHub makes it."""
    anchor = _NOT_IN_ANCHORS.sub("", title.lower()).replace(" ", "-")
    number = used.get(anchor, 0)
    used[anchor] = number + 1
    return f"{anchor}-{number}" if number else anchor
