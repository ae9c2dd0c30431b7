"""Runs that a flow's function requests according to its text, read in the process of `source_reader`."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.flows.flow_signatures import choose_function
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import TypeIs

    Known = Any
    """A literal, or the description of a call: see `read_runs`."""

_MODULES = {
    "qdash_core.flows.steps": "step",
    "qdash_core.flows.targets": "targets",
}
"""Modules whose classes are known, and the kind of their objects."""
_DEEPEST = 16
"""Limit of nested expressions and names."""
_MOST_CALLS = 200
"""Limit of the runs and steps of a flow: the host plans each of them."""
_MOST_VALUES = 20_000
"""Limit of the values in their arguments: names that stand for lists of names multiply them."""
_LOOPS = (ast.For, ast.While, ast.AsyncFor)


class _UnknownError(Exception):
    """Expression whose value the text alone does not tell."""


def read_runs(tree: ast.Module, function: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the calls `run(targets, steps)` in the function of a flow, in the order of the text.

    Names stand for values if they are assigned once, or are arguments with a known value or a literal as default.

    Parameters
    ----------
    function : str or None
        The function to call, or None for the only public one, or `main`.
    values : mapping
        Known values of its arguments.

    Returns
    -------
    list of dict
        For each call its `line`; `targets`, as a call, or None if they are unknown; `steps`, a list of calls, each with `name`, `args`,
        `kwargs` and `line`, or with `unknown` (the text) and `line`; and `reason`, why the run may do something else, or empty.

    Raises
    ------
    InvalidInputError
        If there are too many runs, steps or values.
    """
    chosen = choose_function(tree, function)
    reader = _Reader(_collect_imports(tree), _collect_values(tree, chosen, values))
    return [*_iterate_runs(chosen.body, reader, "")]


def _iterate_runs(body: Sequence[ast.stmt], reader: _Reader, reason: str) -> Iterator[dict[str, Any]]:
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        blocks = [
            (field, part)
            for field, part in ast.iter_fields(statement)
            if isinstance(part, list) and part and isinstance(part[0], (ast.stmt, ast.ExceptHandler))
        ]
        inside = _get_condition(statement) or reason
        inner = {id(one) for _, part in blocks for one in part}
        for node in _walk_without(statement, inner):
            if isinstance(node, ast.Call) and (run := reader.read_run(node)) is not None:
                yield {**run, "reason": inside if isinstance(statement, (*_LOOPS, ast.If)) else reason}
        for _, part in blocks:
            for one in part:
                if isinstance(one, ast.ExceptHandler):
                    yield from _iterate_runs(one.body, reader, f"only after the error in line {one.lineno}")
            yield from _iterate_runs([one for one in part if isinstance(one, ast.stmt)], reader, inside)


def _get_condition(statement: ast.stmt) -> str:
    if isinstance(statement, _LOOPS):
        return f"the loop in line {statement.lineno} may repeat it"
    if isinstance(statement, ast.If):
        return f"the condition in line {statement.lineno} decides during the run"
    return ""


def _walk_without(node: ast.AST, left_out: set[int]) -> Iterator[ast.AST]:
    """Iterate over a statement in the order of the text, without the statements in it."""
    for child in ast.iter_child_nodes(node):
        if id(child) not in left_out and not isinstance(child, ast.Lambda):
            yield from _walk_without(child, left_out)
            yield child


def _collect_imports(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Return kind and class of the imported steps and targets, by their names in the source."""
    return {
        alias.asname or alias.name: (_MODULES[node.module or ""], alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in _MODULES
        for alias in node.names
    }


def _collect_values(
    tree: ast.Module, function: ast.FunctionDef, values: Mapping[str, Any]
) -> dict[str, ast.expr]:
    """Return the expressions of names that have one value: constants, variables that are assigned once, and arguments."""
    stores: Counter[str] = Counter()
    found: dict[str, ast.expr] = {}
    for node in (*_walk_scope(tree), *_walk_scope(function)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case ast.Name(id=name, ctx=ast.Store()):
                stores[name] += 1
    arguments = function.args
    defaults = [*[None] * (len(arguments.args) - len(arguments.defaults)), *arguments.defaults]
    for argument, default in (
        *zip(arguments.args, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        stores[argument.arg] += 1
        given = ast.Constant(values[argument.arg]) if argument.arg in values else default
        if given is not None:
            found[argument.arg] = given
    return {name: one for name, one in found.items() if stores[name] == 1}


def _walk_scope(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    rest: list[ast.AST] = [*scope.body]
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            rest.extend(ast.iter_child_nodes(node))


@dataclass
class _Reader:
    """Reader of expressions, with a limit: imported classes, expressions of names, and counts."""

    imports: Mapping[str, tuple[str, str]]
    values: Mapping[str, ast.expr]
    read_calls: int = 0
    read_values: int = 0

    def read_run(self, call: ast.Call) -> dict[str, Any] | None:
        """Return the description of a call `run(targets, steps)`, or None if it is another."""
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "run"):
            return None
        named = {one.arg: one.value for one in call.keywords}
        steps = call.args[1] if len(call.args) > 1 else named.get("steps")
        targets = call.args[0] if call.args else named.get("targets")
        if steps is None:
            return None
        self._count_call()
        try:
            found = None if targets is None else self._read(targets)
        except _UnknownError:
            found = None
        if not (_is_call(found) and found["kind"] == "targets"):
            found = None
        return {"line": call.lineno, "targets": found, "steps": self._read_steps(steps)}

    def _read_steps(self, steps: ast.expr) -> list[dict[str, Any]]:
        given = self.values.get(steps.id) if isinstance(steps, ast.Name) else steps
        if not isinstance(given, (ast.List, ast.Tuple)):
            return [{"unknown": ast.unparse(steps), "line": steps.lineno}]
        return [self._read_step(one) for one in given.elts]

    def _count_call(self) -> None:
        self.read_calls += 1
        if self.read_calls > _MOST_CALLS:
            raise InvalidInputError(
                f"the flow has more than {_MOST_CALLS} runs and steps in its text: too many for a preview"
            )

    def _read_step(self, step: ast.expr) -> dict[str, Any]:
        self._count_call()
        try:
            found = self._read(step)
        except _UnknownError:
            found = None
        if _is_call(found) and found["kind"] == "step":
            return {**found, "line": step.lineno}
        return {"unknown": ast.unparse(step), "line": step.lineno}

    def _read(self, node: ast.expr, depth: int = 0) -> Known:
        """Return the value of an expression; raise _UnknownError if the text does not tell it."""
        self._count_value(depth)
        match node:
            case ast.Constant(value=str() | int() | float() | list() | dict() | None as value):
                return value
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self._read(one, depth + 1) for one in parts]
            case ast.Dict(keys=keys, values=values) if None not in keys:
                read = [self._read(one, depth + 1) for one in keys if one is not None]
                return dict(zip(map(str, read), (self._read(one, depth + 1) for one in values), strict=True))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.Name(id=name) if name in self.values:
                return self._read(self.values[name], depth + 1)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self._read(body if self._read(test, depth + 1) else other, depth + 1)
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[inner], keywords=[]):
                return self._read(inner, depth + 1)
            case ast.Call(func=ast.Name(id=name)) if name in self.imports:
                return self._read_object(node, self.imports[name], depth)
            case _:
                raise _UnknownError

    def _count_value(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise _UnknownError
        self.read_values += 1
        if self.read_values > _MOST_VALUES:
            raise InvalidInputError(
                f"the runs of the flow have more than {_MOST_VALUES} values in their arguments: too many for a preview"
            )

    def _read_object(self, call: ast.Call, of: tuple[str, str], depth: int) -> Known:
        """Return the description of a call of a known class."""
        kwargs = {str(one.arg): self._read(one.value, depth + 1) for one in call.keywords if one.arg}
        if len(kwargs) < len(call.keywords):  # **options
            raise _UnknownError
        args = [self._read(one, depth + 1) for one in call.args]
        return {"kind": of[0], "name": of[1], "args": args, "kwargs": kwargs}


def _is_call(value: Known) -> TypeIs[dict[str, Any]]:
    return isinstance(value, dict) and value.keys() >= {"kind", "name", "args", "kwargs"}
