"""Documentation of QDash: the site, if it is installed, and its sections, which can be searched and cited."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.documentation_site import NOT_INSTALLED, find_distribution, find_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SOURCES = "sources"
"""Folder in the site with the Markdown text of the pages that are searched."""
REVISION = "revision"
"""File in the site with the revision of the source code that it was built from, empty if that was unknown."""
_HEADING = re.compile(r"(#{1,4}) +(.+?)\s*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
_WORD = re.compile(r"[a-z0-9_]{2,}")
_MOST_WORDS = 20
_TITLE_WEIGHT = 1.0
_WORDS_PER_USE = 150
"""Length of a text, in words, in which one use of a word counts half."""


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

    @property
    def address(self) -> str:
        """Address in the site."""
        return f"{self.path.removesuffix('.md')}.html#{self.anchor}"


def find_checkout() -> Path | None:
    """Return the folder of the source code from which QDash runs, or None if it runs from a wheel."""
    folder = find_distribution()
    return folder.parents[1] if folder and (folder.parents[1] / "docs/__main__.py").is_file() else None


def search_documentation(text: str, *, limit: int) -> list[DocSection]:
    """Return the sections that fit words best, best first; only sections with at least one of them.

    A word counts by its rarity among the sections, more in a title, and more if it is frequent in the text.

    Raises
    ------
    NotFoundError
        If the documentation is not installed.
    """
    site = _get_site()
    sections = _load_sections(site)
    scores = dict.fromkeys(range(len(sections)), 0.0)
    for word in list(dict.fromkeys(_WORD.findall(text.lower())))[:_MOST_WORDS]:
        found = {
            place: weight
            for place, (title, body) in enumerate(_load_words(site))
            if (weight := _weigh(word, title, body))
        }
        rarity = log(1 + len(sections) / (1 + len(found)))
        for place, weight in found.items():
            scores[place] += rarity * weight
    best = sorted((place for place, score in scores.items() if score), key=lambda one: -scores[one])
    return [sections[place] for place in best[:limit]]


def _weigh(word: str, title: Counter[str], body: Counter[str]) -> float:
    """Return the weight of a word, and of words that begin with it, in a section."""
    number = sum(n for one, n in body.items() if one.startswith(word))
    length = body.total() / _WORDS_PER_USE
    in_title = any(one.startswith(word) for one in title)
    return _TITLE_WEIGHT * in_title + (number / (number + 0.5 + length) if number else 0.0)


@cache
def _load_words(site: Path) -> list[tuple[Counter[str], Counter[str]]]:
    """Return the numbers of words in the last title and the text of each section."""
    return [
        (
            Counter(_WORD.findall(one.title.rpartition(" / ")[2].lower())),
            Counter(_WORD.findall(one.text.lower())),
        )
        for one in _load_sections(site)
    ]


def get_section(name: str) -> DocSection:
    """Return a section by `PATH#ANCHOR`, or the first one of a page by `PATH`.

    Raises
    ------
    NotFoundError
        If there is no such page or section, or the documentation is not installed.
    """
    path, _, anchor = name.partition("#")
    sections = _load_sections(_get_site())
    of_page = [one for one in sections if one.path == path]
    if not of_page:
        pages = list(dict.fromkeys(one.path for one in sections))
        raise NotFoundError(f"the documentation has no page {path!r}{suggest(path, pages)}")
    for section in of_page:
        if not anchor or section.anchor == anchor:
            return section
    anchors = [one.anchor for one in of_page]
    raise NotFoundError(
        f"page {path} of the documentation has no section {anchor!r}{suggest(anchor, anchors)}"
    )


def _get_site() -> Path:
    site = find_site()
    if site is None:
        raise NotFoundError(NOT_INSTALLED)
    return site


@cache
def _load_sections(site: Path) -> tuple[DocSection, ...]:
    sources = site / _SOURCES
    return tuple(
        section
        for file in sorted(sources.rglob("*.md"))
        for section in _iter_sections(file.relative_to(sources).as_posix(), file.read_text(encoding="utf-8"))
    )


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
    """Return the anchor of a heading as the site has it."""
    anchor = _NOT_IN_ANCHORS.sub("", title.lower()).replace(" ", "-")
    number = used.get(anchor, 0)
    used[anchor] = number + 1
    return f"{anchor}_{number}" if number else anchor
