"""Signatures of functions and classes as their sources have them: annotations and defaults as they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import griffe

from docs.api_names import find_init

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docs.api_names import Members, StableName

_WIDTH = 100
_LONGEST_DEFAULT = 40


def make_call(word: str, found: griffe.Function) -> str:
    returned = f" -> {found.returns}" if found.returns is not None and str(found.returns) != "None" else ""
    return make_lines(word, _list_parameters(found), returned)


def list_arguments(name: StableName, classes: Sequence[griffe.Class], members: Members) -> list[str]:
    """Return the arguments of a class as in a call, with annotations and defaults as they are written."""
    if init := find_init(classes):
        return _list_parameters(init)
    if not name.signature.startswith("("):  # the members of a protocol or an enumeration
        return []
    arguments = []
    for word in name.signature.strip("()").split(", "):
        member = members.get(word.removesuffix("="))
        if not isinstance(member, griffe.Attribute):
            arguments.append(word.replace("=", "=…"))
            continue
        default = get_default(member.value) if word.endswith("=") else ""
        arguments.append(_make_argument(member.name, member.annotation, default))
    return [one for one in arguments if one]


def _list_parameters(found: griffe.Function) -> list[str]:
    arguments = list[str]()
    for one in found.parameters:
        if (one.name in ("self", "cls") and one is found.parameters[0]) or one.name.startswith("_"):
            continue
        if one.kind is griffe.ParameterKind.keyword_only and not any(
            text.startswith("*") for text in arguments
        ):
            arguments.append("*")
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
        default = "" if one.kind in star or one.default is None else shorten(str(one.default))
        arguments.append(_make_argument(star.get(one.kind, "") + one.name, one.annotation, default))
    return arguments


def _make_argument(word: str, annotation: object, default: str) -> str:
    if annotation is None:
        return f"{word}={default}" if default else word
    return f"{word}: {annotation}{f' = {default}' if default else ''}"


def get_default(value: object) -> str:
    """Return the default of a field of a class."""
    if isinstance(value, griffe.ExprCall) and str(value.function) in ("field", "Field"):
        named = {one.name: str(one.value) for one in value.arguments if isinstance(one, griffe.ExprKeyword)}
        factory = {"dict": "{}", "list": "[]", "set": "set()", "tuple": "()"}.get(
            named.get("default_factory", "")
        )
        first = next((str(one) for one in value.arguments if not isinstance(one, griffe.ExprKeyword)), "…")
        return shorten(factory or named.get("default", first))
    return "…" if value is None else shorten(str(value))


def shorten(default: str) -> str:
    return default if len(default) <= _LONGEST_DEFAULT and "\n" not in default else "…"


def name_arguments(found: griffe.Function) -> str:
    """Return the arguments of a function without annotations; those with a default end with `=`."""
    return ", ".join(
        re.sub(r"(: .*)? ?= ?.*|: .*", lambda rest: "=" * ("=" in rest[0]), one)
        for one in _list_parameters(found)
    )


def make_lines(word: str, arguments: Sequence[str], returned: str) -> str:
    line = f"{word}({', '.join(arguments)}){returned}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{word}(", *(f"    {one}," for one in arguments), f"){returned}"])
