"""Descriptions of model fields, from the docstrings below the fields, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable


def read_field_descriptions(classes: Iterable[type]) -> dict[type, dict[str, str]]:
    """Return the descriptions of the fields of each model, by field name; fields without one are absent.

    The description is that of the class itself or else of the class that the field is inherited from. Without
    the source code there are none.
    """
    return {one: _merge_descriptions(one) for one in classes if issubclass(one, BaseModel)}


def describe_field(model: type[BaseModel], name: str) -> str:
    """Return the description of a field: its own, else its docstring; empty if it has none."""
    return model.model_fields[name].description or _merge_descriptions(model).get(name, "")


def _merge_descriptions(model: type) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):  # the most distant first
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= _read_module(base.__module__).get(base.__qualname__, {})
    return found


@cache
def _read_module(module: str) -> dict[str, dict[str, str]]:
    """Return the descriptions of the fields of each class of a module."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, KeyError):
        return {}
    return {one.name: _read_class(one) for one in tree.body if isinstance(one, ast.ClassDef)}


def _read_class(model: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, below in pairwise(model.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
