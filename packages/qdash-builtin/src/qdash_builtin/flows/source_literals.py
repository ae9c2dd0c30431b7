"""Check of the steps and targets that a flow writes out: their objects are made from the literals, as in a run."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODULES = ("qdash_core.flows.steps", "qdash_core.flows.targets")
"""Modules of the classes, which do nothing but keep and check their arguments."""


def find_invalid_literals(tree: ast.AST, found: Mapping[str, object]) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls of steps and targets that refuse their arguments, each with the reason.

    Only calls whose arguments are all literals, or variables that are assigned once to a literal, are checked. `found` has the imported
    objects by their names in the source.
    """
    constants = _find_constants(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        kind = found.get(node.func.id)
        if not isinstance(kind, type) or kind.__module__ not in _MODULES:
            continue
        try:
            given = [_evaluate(one, constants) for one in node.args]
            named = {str(one.arg): _evaluate(one.value, constants) for one in node.keywords if one.arg}
        except ValueError:
            continue
        if len(named) < len(node.keywords):  # **options
            continue
        try:
            kind(*given, **named)
        except InvalidInputError as error:
            yield node, str(error)
        except (TypeError, ValueError, AttributeError) as error:
            yield node, f"{node.func.id} does not take these values: {error}"


def _evaluate(node: ast.expr, constants: Mapping[str, Any]) -> Any:
    """Return the value of a literal or of a constant; raise ValueError for any other expression."""
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    try:
        return ast.literal_eval(node)
    except (TypeError, SyntaxError, MemoryError) as error:  # such as {[]: 1}
        raise ValueError from error


def _find_constants(tree: ast.AST) -> dict[str, Any]:
    """Return the values of the variables that are assigned once in a source, to a literal."""
    stores: Counter[str] = Counter()
    values: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                stores[name] += 1
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values[name] = value
    constants: dict[str, Any] = {}
    for name, value in values.items():
        if stores[name] == 1:
            try:
                constants[name] = _evaluate(value, {})
            except ValueError:
                continue
    return constants
