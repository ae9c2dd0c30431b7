"""Docstrings in the style of numpy, as Markdown."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS = ("parameters", "attributes", "returns", "yields", "raises")


class Entry(NamedTuple):
    """Entry of a section: names that share a text, a type as text, and the text as Markdown."""

    names: tuple[str, ...]
    type: str
    text: str


@dataclass(frozen=True)
class ParsedDocstring:
    """Parts of a docstring.

    Attributes
    ----------
    text
        Everything that is in no section.
    sections
        Entries of `parameters`, `attributes`, `returns`, `yields` and `raises`, if there are any.
    notes
        Text of the notes.
    """

    text: str
    sections: dict[str, list[Entry]] = field(default_factory=dict)
    notes: str = ""

    def get_text(self, section: str) -> str:
        """Return the texts of a section whose entries have no names of their own."""
        return "\n\n".join(entry.text for entry in self.sections.get(section, []))


def parse_docstring(target: object) -> ParsedDocstring:
    """Return the parts of the docstring of an object, or of a text that is one."""
    text = inspect.cleandoc(target) if isinstance(target, str) else inspect.getdoc(target) or ""
    texts, notes, sections = list[str](), list[str](), dict[str, list[Entry]]()
    for section in griffe.Docstring(text).parse("numpy", warnings=False):
        kind = section.kind.value
        if kind == "text":
            texts.append(section.value)
        elif kind == "admonition":
            notes.append(section.value.description)
        elif kind in _KINDS:
            sections[kind] = list(_join_names(section.value))
    return ParsedDocstring(make_markdown("\n\n".join(texts)), sections, make_markdown("\n\n".join(notes)))


def _join_names(elements: Iterable[griffe.DocstringElement]) -> Iterable[Entry]:
    """Yield an entry for each text; names that share it follow each other."""
    last: Entry | None = None
    for element in elements:
        names = tuple(name for name in getattr(element, "name", "").split(", ") if name)
        entry = Entry(names, str(element.annotation or ""), make_markdown(element.description))
        if last and last.names and entry.names and last[1:] == entry[1:]:
            last = last._replace(names=last.names + entry.names)
            continue
        if last:
            yield last
        last = entry
    if last:
        yield last


def make_markdown(text: str) -> str:
    """Return paragraphs on a line each, with code as Markdown has it; lists keep their lines."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(_join_lines(part) for part in parts if part.strip())


def _join_lines(part: str) -> str:
    part = re.sub(r"``(.*?)``", lambda code: f"`{' '.join(code[1].split())}`", part, flags=re.DOTALL)
    return "\n".join(" ".join(item.split()) for item in re.split(r"\n(?=\s*- )", part))


def make_cell(text: str) -> str:
    """Return Markdown as a cell of a table has it; code keeps its bars, which do not end a cell."""
    return " ".join(
        re.sub(r"`[^`]*`|(?<!\\)\|", lambda found: found[0] if found[0] != "|" else r"\|", text).split()
    )
