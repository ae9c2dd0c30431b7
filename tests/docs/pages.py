"""Committed pages of the documentation, and their samples.

A fenced block of `bash` or `python` is a sample that runs. A comment before a block gives it another role:

    <!-- not run: why -->     a sample that cannot be run here
    <!-- file: NAME -->       a file that the samples below find
    <!-- copy of PATH: NAME -->  stands for a file of the repository, as such a file
    <!-- output -->           the output of the sample above: each line but `...`, with any numbers in it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docs.site_sources import insert_copies

ROOT = Path(__file__).parents[2]
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    ),
    *sorted((ROOT / "docs").glob("*.md")),
    *(
        page
        for folder in ("features", "plugins", "recipes", "releases", "tutorials")
        for page in sorted((ROOT / "docs" / folder).glob("*.md"))
    ),
    *sorted((ROOT / "examples").glob("*/*.md")),
]

_BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    kind: Literal["bash", "python", "file", "output", "not run", "shown"]
    text: str
    detail: str = ""


def name_of(page: Path) -> str:
    """Return a page's path from the root, for the names of tests."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [_block(found) for found in _BLOCK.finditer(insert_copies(page.read_text(encoding="utf-8")))]


def _block(found: re.Match[str]) -> Block:
    word, _, detail = (found["note"] or "").partition(": ")
    if word in ("file", "output", "not run"):
        return Block(word, found["text"], detail)  # type: ignore[arg-type]  # one of the three
    if found["language"] in ("bash", "python"):
        return Block(found["language"], found["text"])  # type: ignore[arg-type]  # one of the two
    return Block("shown", found["text"])
