"""YAML, parsed within limits.

A document is built from the events of libyaml's parser, which is iterative. libyaml's composer and the constructors of
PyYAML recurse without a limit and evaluate types that no format needs. Plain scalars are null, booleans, decimal integers
and floats as in YAML 1.1, and floats such as `5e-05`, which Python and JSON write; any other is text, also `1:30`, `010`, `0x1f`,
`1_000`, `1e5` and `2026-01-31`. Tags, directives, merge keys and duplicate keys are refused.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.parsing.limits import YamlLimits

# libyaml's parser, if PyYAML is built with it, is six times as fast.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **{case(word): True for word in ("yes", "true", "on") for case in (str.lower, str.title, str.upper)},
    **{case(word): False for word in ("no", "false", "off") for case in (str.lower, str.title, str.upper)},
    **{f"{sign}.{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?|[-+]?[0-9]+[eE][-+][0-9]+")
_NUMBER_BEGINS = frozenset("+-.0123456789")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_LARGEST_INTEGER = 2**63
_MOST_ENTRY_LINES, _DEEPEST_ENTRY_LINE = 50_000, 8
_NO_KEY = object()
KEY_PART = re.compile(r"[^.\[\]]+")
"""Part of the key of an entry, such as those of `qubits[0].t1`."""


def parse_yaml(text: str, *, limits: YamlLimits = YAML, other_programs: bool = False) -> object:
    """Parse a YAML text.

    With `other_programs`, it may be a file of another program: tags and merge keys are accepted without a meaning,
    and of several documents the last one is returned.

    Raises
    ------
    InvalidInputError
        If it is not YAML, exceeds a limit, or uses a refused feature; the message names the line, and a `TextError` has it.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > limits.size:
        raise InvalidInputError(f"YAML of {size} bytes: the limit is {limits.size} bytes")
    # Counted first: libyaml reads all directives before the first event, and compares each with all others.
    if len(_DIRECTIVE.findall(text)) > limits.directives:
        raise InvalidInputError(f"YAML with more than {limits.directives} lines that begin with %")
    try:
        return _Document(limits, other_programs=other_programs).build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        text = ": ".join(filter(None, (error.context, error.problem)))
        raise TextError(
            f"not YAML: {text}, line {line}, column {column}", line=line, column=column
        ) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise InvalidInputError(f"not YAML: {' '.join(str(error).split())}") from error


def find_entry_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each entry of a valid YAML or JSON text by its path of keys and indices; an alias is one entry.

    Entries after JSON that is not YAML, such as an escape of half a surrogate pair, are left out, and those after the first 50,000 or below
    the 8th level: files of QDash have fewer, and the paths of all entries of another file may fill the memory.
    """
    lines: dict[tuple[str, ...], int] = {}
    with suppress(yaml.YAMLError):
        _collect_lines(yaml.parse(text, Loader=_Loader), lines)
    return lines


def find_line_of_key(lines: Mapping[tuple[str, ...], int], key: str) -> int | None:
    """Return the line of an entry such as `data.Q00` or `qubits[0].t1`, or of the innermost one around it, from `find_entry_lines`."""
    path = tuple(KEY_PART.findall(key))
    inner = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[one] for one in inner if one in lines), None)


def _collect_lines(events: Iterable[yaml.Event], lines: dict[tuple[str, ...], int]) -> None:
    open_: list[_OpenEntry] = []
    for event in islice(events, 3 * _MOST_ENTRY_LINES):
        if len(lines) == _MOST_ENTRY_LINES:
            return
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
        elif isinstance(event, yaml.NodeEvent):
            path = open_[-1].step(event) if open_ else ()
            if path is not None and len(path) <= _DEEPEST_ENTRY_LINE:
                lines.setdefault(path, _get_position(event)[0])
            if isinstance(event, yaml.CollectionStartEvent):
                within = (path or ())[: _DEEPEST_ENTRY_LINE + 1]  # below, all paths are left out
                open_.append(_OpenEntry(within, isinstance(event, yaml.MappingStartEvent)))


@dataclass(slots=True)
class _OpenEntry:
    """A list or mapping in which the next entry begins."""

    path: tuple[str, ...]
    is_mapping: bool
    count: int = 0
    key: str | None = None

    def step(self, event: yaml.NodeEvent) -> tuple[str, ...] | None:
        """Return the path of an entry, whose line is that of its key, or None for the value of a key."""
        if not self.is_mapping:
            self.count += 1
            return (*self.path, str(self.count - 1))
        if self.key is None:
            self.key = str(getattr(event, "value", ""))
            return (*self.path, self.key)
        path, self.key = (*self.path, self.key), None
        return path


def _get_position(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None  # a parser knows where its events begin
    return event.start_mark.line + 1, event.start_mark.column + 1


@dataclass(slots=True)
class _Collection:
    """A list or mapping whose end has not been read; `height` is the number of levels inside it."""

    value: list[Any] | dict[Any, Any]
    line: int
    anchor: str | None
    first_node: int
    height: int = 0
    key: object = _NO_KEY
    key_texts: set[str] = field(default_factory=set)


class _Document:
    """Builder of the single document of a text from its events."""

    def __init__(self, limits: YamlLimits, *, other_programs: bool) -> None:
        self._limits = limits
        self._is_lenient = other_programs
        self._open: list[_Collection] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        """Value, nodes and levels of each anchor."""
        self._nodes = 0
        self._aliases = 0
        self._root: Any = None
        self._line, self._column = 0, 0

    def build(self, events: Iterable[yaml.Event]) -> object:
        documents = 0
        for event in events:
            self._line, self._column = _get_position(event)
            match event:
                case yaml.ScalarEvent():
                    self._add_scalar(event)
                case yaml.SequenceStartEvent():
                    self._begin([], event)
                case yaml.MappingStartEvent():
                    self._begin({}, event)
                case yaml.CollectionEndEvent():
                    self._end()
                case yaml.AliasEvent():
                    self._add_alias(str(event.anchor))
                case yaml.DocumentStartEvent():
                    documents += 1
                    if not self._is_lenient:
                        self._check_beginning(event, documents)
        return self._root

    def _check_beginning(self, event: yaml.DocumentStartEvent, number: int) -> None:
        if number > 1:
            raise self._make_error("a second document begins; only one is accepted")
        if event.version or event.tags:
            raise self._make_error("directives such as %YAML and %TAG are not accepted")

    def _make_error(self, why: str) -> TextError:
        return TextError(f"YAML, line {self._line}: {why}", line=self._line, column=self._column)

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        text: str = event.value
        if event.tag is not None and not self._is_lenient:
            raise self._make_error(f"tags such as {event.tag[:80]!r} are not accepted")
        if len(text) > self._limits.scalar:
            raise self._make_error(f"a scalar of {len(text)} characters: the limit is {self._limits.scalar}")
        self._count(1)
        value = self._convert_scalar(text) if event.implicit[0] else text
        if event.anchor is not None:
            self._anchors[event.anchor] = value, 1, 0
        self._add(value)

    def _convert_scalar(self, text: str) -> object:
        """Return the value of a plain scalar."""
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMBER_BEGINS:
            if text == "<<" and not self._is_lenient:
                raise self._make_error("merge keys (<<) are not accepted: write the values out")
            return text
        is_integer = _INTEGER.fullmatch(text) is not None
        if not is_integer and _FLOAT.fullmatch(text) is None:
            return text
        if len(text) > self._limits.number:
            raise self._make_error(f"a number of {len(text)} characters: the limit is {self._limits.number}")
        if not is_integer:
            return float(text)
        number = int(text)
        if abs(number) >= _LARGEST_INTEGER:
            raise self._make_error(f"{number} exceeds 64 bits: write it in quotes if it is text")
        return number

    def _begin(self, value: list[Any] | dict[Any, Any], event: yaml.CollectionStartEvent) -> None:
        if event.tag is not None and not self._is_lenient:
            raise self._make_error(f"tags such as {event.tag[:80]!r} are not accepted")
        self._count(1)
        self._check_depth(len(self._open) + 1)
        self._open.append(_Collection(value, self._line, event.anchor, self._nodes))

    def _end(self) -> None:
        ended = self._open.pop()
        levels = ended.height + 1
        if ended.anchor is not None:
            self._anchors[ended.anchor] = ended.value, self._nodes - ended.first_node + 1, levels
        self._add(ended.value, levels)

    def _add_alias(self, name: str) -> None:
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            raise self._make_error(f"more than {self._limits.aliases} aliases")
        if name not in self._anchors:
            raise self._make_error(f"the alias *{name[:80]} is used before the end of its anchor")
        value, nodes, levels = self._anchors[name]
        self._count(nodes)
        self._check_depth(len(self._open) + levels)
        self._add(value, levels)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            raise self._make_error(f"more than {self._limits.nodes} nodes, aliases resolved")

    def _check_depth(self, depth: int) -> None:
        if depth > self._limits.depth:
            raise self._make_error(f"nested more than {self._limits.depth} levels deep")

    def _add(self, value: object, levels: int = 0) -> None:
        """Add a value to the innermost open collection, or make it the root."""
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        parent.height = max(parent.height, levels)
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is _NO_KEY:
            parent.key = self._check_key(value, parent)
        else:
            parent.value[parent.key] = value
            parent.key = _NO_KEY

    def _check_key(self, key: object, parent: _Collection) -> object:
        if isinstance(key, list | dict):
            raise self._make_error("a key is a list or a mapping")
        text = str(key)
        if text in parent.key_texts and not (text == "<<" and self._is_lenient):
            raise self._make_error(
                f"{text[:80]!r} is there 2 times in the mapping that begins in line {parent.line}"
            )
        parent.key_texts.add(text)
        return key
