"""Descriptions of model fields, from the docstrings below the fields, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
import sys
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def read_field_descriptions(classes: Iterable[type]) -> dict[type, dict[str, str]]:
    """Return the descriptions of the fields of each model, by field name; fields without one are absent.

    The description is that of the class itself or else of the class that the field is inherited from. Without
    the source code there are none.
    """
    models = [one for one in classes if issubclass(one, BaseModel)]
    by_module: defaultdict[str, set[str]] = defaultdict(set)
    for base in {base for model in models for base in _list_bases(model)}:
        by_module[base.__module__].add(base.__qualname__)
    descriptions = {module: _read_module(module, names) for module, names in by_module.items()}
    return {model: _merge_descriptions(model, descriptions) for model in models}


def _list_bases(model: type) -> list[type]:
    """Return a model and its base models, the most distant first."""
    return [one for one in reversed(model.__mro__) if issubclass(one, BaseModel) and one is not BaseModel]


def _merge_descriptions(
    model: type, descriptions: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in _list_bases(model):
        found |= descriptions[base.__module__].get(base.__qualname__, {})
    return found


def _read_module(module: str, names: set[str]) -> dict[str, dict[str, str]]:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, KeyError):
        return {}
    return {
        one.name: _read_class(one) for one in tree.body if isinstance(one, ast.ClassDef) and one.name in names
    }


def _read_class(model: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, below in pairwise(model.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
