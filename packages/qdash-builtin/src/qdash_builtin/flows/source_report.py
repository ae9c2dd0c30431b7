"""All problems of a flow's source, with line and column, in the process of `source_reader`."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pyflakes.checker import Checker
from pyflakes.messages import UndefinedName, UnusedImport

from qdash_builtin.flows.flow_signatures import SourceError, parse_signature, parse_source
from qdash_builtin.flows.source_check import find_source_problems
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_HOMES = ("qdash_core", "qdash_core.flows.steps", "qdash_core.flows.targets")
"""Modules from which flows import names."""
_MOST_PROBLEMS = 100
"""Limit of the problems in a report: a browser shows each of them."""


def make_report(source: bytes, function: str | None, tasks: Collection[str]) -> dict[str, Any]:
    """Return the problems of a source, and its signature unless an error prevents that it is saved.

    Parameters
    ----------
    function : str or None
        The function to call, or None for the only public one, or `main`.

    Returns
    -------
    dict
        `signature`, as from `parse_signature`, or None; and `problems`, each with `line` and `column` from 1, `message`, `alternative`, and
        `severity`: `error` if the source cannot be saved, `warning` otherwise. The last one stands for those that exceed the limit.
    """
    signature: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = []
    lines = re.split(rb"\r\n|\r|\n", source)

    def add(severity: str, line: int, offset: int, message: str, alternative: str | None = None) -> None:
        text = lines[line - 1][:offset] if line <= len(lines) else b""
        column = len(text.decode(errors="replace")) + 1
        problems.append(
            {
                "line": line,
                "column": column,
                "severity": severity,
                "message": message,
                "alternative": alternative,
            }
        )

    try:
        tree = parse_source(source)
    except SourceError as error:
        add("error", *error.place, error.reason)
        return {"signature": None, "problems": problems}
    try:
        signature = parse_signature(source, function)
    except SourceError as error:
        add("error", *error.place, error.reason)
    except InvalidInputError as error:
        add("error", 1, 0, str(error))
    missing = find_source_problems(tree, tasks=tasks, lists=True)
    prevents = set(find_source_problems(tree))
    for one in missing:
        add("error" if one in prevents else "warning", one.line, one.offset, one.message, one.alternative)
    if any(one in prevents for one in missing):
        signature = None
    for line, offset, message, alternative in _find_mistakes(tree, {one.line for one in missing}):
        add("warning", line, offset, message, alternative)
    problems.sort(key=lambda one: (one["line"], one["column"], one["message"]))
    return {"signature": signature, "problems": _shorten(problems)}


def _shorten(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first problems; the last one stands for those that follow."""
    rest = problems[_MOST_PROBLEMS - 1 :]
    if len(rest) < 2:
        return problems
    severity = "error" if any(one["severity"] == "error" for one in rest) else "warning"
    message = f"{len(rest)} problems from this line on are not listed"
    return [
        *problems[: _MOST_PROBLEMS - 1],
        {**rest[0], "severity": severity, "message": message, "alternative": None},
    ]


def _find_mistakes(tree: ast.Module, known: Collection[int]) -> Iterator[tuple[int, int, str, str | None]]:
    """Yield mistakes that Python would only find while the flow runs, such as undefined names, with line and offset.

    `known` are lines with known problems: that a name imported there is unused is no further problem.
    """
    names = {
        one.id if isinstance(one, ast.Name) else (one.asname or one.name)
        for one in ast.walk(tree)
        if isinstance(one, ast.alias) or (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
    }
    for one in Checker(tree).messages:
        if isinstance(one, UnusedImport) and one.lineno in known:
            continue
        message, alternative = one.message % one.message_args, None
        if isinstance(one, UndefinedName):
            name = str(one.message_args[0])
            alternative = _find_import(name)
            message += "" if alternative else suggest(name, names)
        yield one.lineno, one.col, message, alternative


def _find_import(name: str) -> str | None:
    """Return the import of a name that flows use, or None."""
    for home in _HOMES:
        if isinstance(getattr(import_module(home), name, None), type):
            return f"from {home} import {name}"
    return None
