"""Docstrings of fields, which Python does not keep: for the help of options, and for the schemas of tools."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent


def find_docstring(model: type, name: str) -> str:
    """Return the text below a field in its class or in a base class, or an empty text."""
    found = next((docs[name] for one in model.__mro__ if name in (docs := _read_docstrings(one))), "")
    return " ".join(found.split())


@cache
def _read_docstrings(model: type) -> dict[str, str]:
    """Return the text below each field that has one; nothing for classes without source."""
    try:
        (node,) = ast.parse(dedent(inspect.getsource(model))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return {}
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
