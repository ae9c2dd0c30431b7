"""Generator of the page of the settings, from `qdash_core.settings` and the models of features."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, get_args

from qdash_core.settings import TOML_FILE, Settings, load_models

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_INTRODUCTION = f"""\
# Settings

Settings are read from the environment, or from `{TOML_FILE}` in the working folder, with the names in lower case and without `QDASH_`. The
environment has priority, and an empty variable counts as not set. [The guide](operator.md#settings) has examples, and the variables that
are read from the environment only.

| setting | default | meaning |
|---|---|---|
"""


def make_page() -> str:
    """Return the text of the page."""
    models: list[type[BaseModel]] = [Settings, *(model for prefix, model in load_models() if not prefix)]
    rows = [
        f"| `QDASH_{name.upper()}` | {_default(field)} | {texts[name]}{_bounds(field)} |"
        for model in models
        for texts in [read_docstrings(model)]
        for name, field in model.model_fields.items()
    ]
    return _INTRODUCTION + "\n".join(rows) + "\n"


def read_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring of each setting of a model."""
    (body,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: " ".join(str(text.value.value).split())
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return ""
    if field.default in (None, {}):
        return "none"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def _bounds(field: FieldInfo) -> str:
    words = {"gt": "above", "ge": "from", "le": "to"}
    bounds = [
        f"{word} {bound:,.10g}"
        for name, word in words.items()
        for one in field.metadata
        if (bound := getattr(one, name, None)) is not None
    ]
    choices = [f"`{one}`" for one in get_args(field.annotation) if isinstance(one, str)]
    return f" ({' '.join(bounds) or ', '.join(choices)})" if bounds or choices else ""
