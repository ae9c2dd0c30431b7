"""Signature of a flow's function, read from its source without running it, in the process of `source_reader`."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Iterator


class SourceError(TextError):
    """Error at a place of a source.

    Attributes
    ----------
    reason : str
        The message without the line.
    place : tuple of int
        Line, from 1, and offset in the line in bytes of UTF-8.
    """

    def __init__(self, reason: str, line: int, offset: int, *, column: int | None = None) -> None:
        super().__init__(f"line {line}: {reason}", line=line, column=column)
        self.reason, self.place = reason, (line, offset)


GIVEN_BY_THE_RUN = ("username", "chip_id", "project_id", "flow_name", "qids", "tags")
"""Arguments of a user's function that its run provides."""


TOO_DEEP = "the source is nested too deeply to be read"
_DEEPEST = 32
"""Maximum nesting depth of an argument's schema, as stores and browsers limit it."""
_KINDS = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "None": "null",
    **dict.fromkeys(("list", "tuple", "set", "frozenset", "Sequence", "Iterable", "List"), "array"),
    **dict.fromkeys(("dict", "Mapping", "Dict"), "object"),
}
"""JSON types by Python type name."""


def parse_signature(encoded: bytes, function: str | None = None) -> dict[str, Any]:
    """Return the signature of the entry function of a source.

    Parameters
    ----------
    encoded : bytes
        The source as the bytes of a file.
    function : str or None
        The function to call, or None for the only public one, or `main`.

    Returns
    -------
    dict
        `function`, `description` and `of_prefect` of a `CheckedSource`, and its `form`, as plain JSON.

    Raises
    ------
    InvalidInputError
        If it is not Python, or has no such function; the message names the line.
    """
    try:
        tree = parse_source(encoded)
        chosen = choose_function(tree, function)
        return {
            "function": chosen.name,
            "description": _get_description(chosen),
            "form": _make_form(chosen),
            "of_prefect": _is_decorated(chosen, _find_prefect_names(tree)),
        }
    except (RecursionError, MemoryError) as error:
        raise InvalidInputError(TOO_DEEP) from error


def parse_source(encoded: bytes) -> ast.Module:
    """Return the syntax tree of a source, decoded by its own encoding declaration."""
    try:
        return ast.parse(encoded)
    except SyntaxError as error:
        before = (error.text or "")[: max((error.offset or 1) - 1, 0)]
        raise SourceError(
            error.msg, error.lineno or 1, len(before.encode()), column=error.offset or None
        ) from error
    except ValueError as error:  # a null byte
        raise InvalidInputError(f"the source is not Python: {error}") from error


def choose_function(tree: ast.Module, name: str | None) -> ast.FunctionDef:
    """Return the requested function of a source, or its only public one, or its only Prefect flow, or `main`; raise InvalidInputError if there is none."""
    functions = {
        one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    decorators = _find_prefect_names(tree)
    public = [known for known in functions if not known.startswith("_")]
    there_are = f"it has: {', '.join(public)}" if public else "it has none"
    flows = [known for known in public if _is_decorated(functions[known], decorators)]
    only = public if len(public) == 1 else flows
    wanted = name or (only[0] if len(only) == 1 else "main")
    if wanted not in functions:
        if name is None and public:
            raise InvalidInputError(
                f"the source has several functions ({', '.join(public)}): name one, or begin the names of the others with '_'"
            )
        raise InvalidInputError(f"the source has no function {wanted!r} to run ({there_are})")
    chosen = functions[wanted]
    if isinstance(chosen, ast.AsyncFunctionDef):
        raise SourceError(
            f"{wanted} is asynchronous: a flow is a plain function, `def`", chosen.lineno, chosen.col_offset
        )
    return chosen


def _find_prefect_names(tree: ast.Module) -> frozenset[str]:
    """Return the names by which a source refers to Prefect's decorator `flow`, from its top-level imports."""
    names = set()
    for one in tree.body:
        if isinstance(one, ast.ImportFrom) and one.module in ("prefect", "prefect.flows"):
            names |= {known.asname or known.name for known in one.names if known.name == "flow"}
        elif isinstance(one, ast.Import):
            names |= {f"{known.asname or 'prefect'}.flow" for known in one.names if known.name == "prefect"}
    return frozenset(names)


def _is_decorated(function: ast.FunctionDef | ast.AsyncFunctionDef, decorators: frozenset[str]) -> bool:
    """Return whether a function has one of these decorators, with arguments or without."""
    bare = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return any(ast.unparse(one) in decorators for one in bare if isinstance(one, ast.Name | ast.Attribute))


def _get_description(function: ast.FunctionDef) -> str:
    text = (ast.get_docstring(function) or "").partition("\n")[0]
    try:
        text.encode()
    except UnicodeEncodeError as error:
        first = function.body[0]
        raise SourceError(
            f"the docstring of {function.name} is not text: {error.reason}", first.lineno, first.col_offset
        ) from error
    return text


def _make_form(function: ast.FunctionDef) -> dict[str, Any]:
    arguments = function.args
    for one in arguments.posonlyargs:
        raise SourceError(
            f"argument {one.arg!r} has no name for who calls {function.name}: leave out the `/`",
            one.lineno,
            one.col_offset,
        )
    properties: dict[str, Any] = {}
    required, given = [], []
    for argument, default in _iter_arguments(arguments):
        if default is None:
            required.append(argument.arg)
        if argument.arg in GIVEN_BY_THE_RUN:
            given.append(argument.arg)
        else:
            properties[argument.arg] = _make_property(argument, default)
    schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": arguments.kwarg is not None,
    }
    return {"parameters": schema, "given": given}


def _iter_arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    without = len(arguments.args) - len(arguments.defaults)
    yield from zip(arguments.args, [*[None] * without, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _make_property(argument: ast.arg, default: ast.expr | None) -> dict[str, Any]:
    """Return the JSON Schema property of an argument."""
    named, place = f"argument {argument.arg!r}", (argument.lineno, argument.col_offset)
    try:
        schema = _to_json(_make_schema(argument.annotation))
    except (TypeError, ValueError) as error:
        raise SourceError(
            f"{named} names values that no request can hold: of a Literal, text, finite numbers, True, False and None are",
            *place,
        ) from error
    found: dict[str, Any] = schema | _make_default(default)
    if _measure_depth(found) > _DEEPEST:
        raise SourceError(
            f"{named}: its type or default is nested too deeply: {_DEEPEST} levels are kept", *place
        )
    return found


def _make_default(default: ast.expr | None) -> dict[str, Any]:
    """Return the default for the schema; empty if there is none or it is not a literal."""
    if default is None:
        return {}
    try:
        return {"default": _to_json(ast.literal_eval(default))}
    except (TypeError, ValueError, SyntaxError):
        return {}


def _make_schema(annotation: ast.expr | None) -> dict[str, Any]:
    """Return the JSON Schema of an annotation; empty if it permits anything."""
    match annotation:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str(text)):
            return _make_schema(_parse_expression(text))
        case ast.Name(id=name) if name in _KINDS:
            return {"type": _KINDS[name]}
        case ast.Attribute(attr=name) if name in _KINDS:
            return {"type": _KINDS[name]}
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _unite_schemas(_make_schema(left), _make_schema(right))
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _make_generic_schema(name, inner)
        case _:
            return {}


def _unite_schemas(*schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a union, with nested unions flattened; empty if a member permits anything."""
    if not all(schemas):
        return {}
    return {"anyOf": [part for one in schemas for part in one.get("anyOf", (one,))]}


def _make_generic_schema(name: str, inner: ast.expr) -> dict[str, Any]:
    if name == "Optional":
        return _unite_schemas(_make_schema(inner), {"type": "null"})
    if name == "Literal":
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        choices = [one.value for one in parts if isinstance(one, ast.Constant)]
        return {"enum": choices} if len(choices) == len(parts) else {}
    if _KINDS.get(name) == "array":
        items = {} if isinstance(inner, ast.Tuple) else _make_schema(inner)
        return {"type": "array", **({"items": items} if items else {})}
    return {"type": _KINDS[name]} if name in _KINDS else {}


def _measure_depth(data: object) -> int:
    """Return the nesting depth of lists and objects."""
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return 0 if parts is None else 1 + max(map(_measure_depth, parts), default=0)


def _parse_expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError):
        return None


def _to_json(data: object) -> Any:
    """Return data as plain JSON values; a light version of `models.base.as_json` with the same errors."""
    return json.loads(json.dumps(data, allow_nan=False, ensure_ascii=False).encode())
