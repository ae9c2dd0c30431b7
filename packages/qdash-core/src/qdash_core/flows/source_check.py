"""Check of a flow's source for names that do not exist here. The source is parsed, never imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.flows.absent_names import find_alternative
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

_RUNS_TASK = ("execute_task", "execute_task_batch")


@dataclass(frozen=True, slots=True, order=True)
class SourceProblem:
    """Name in a flow that does not exist here.

    Parameters
    ----------
    line : int
        Its line, from 1.
    message : str
        The problem.
    alternative : str or None
        What to use instead, if known.
    """

    line: int
    message: str
    alternative: str | None = None

    def __str__(self) -> str:
        return self.message if self.alternative is None else f"{self.message}; instead: {self.alternative}"


def find_source_problems(
    source: str | bytes, *, folder: Path | None = None, tasks: Collection[str] | None = None
) -> list[SourceProblem]:
    """Return the names of a valid source that do not exist here, in order of the lines.

    Modules and names below `qdash`, arguments of what is imported from it, and attributes of its objects are looked up.

    Parameters
    ----------
    folder : Path or None
        Folder of the file. If given, other modules must be installed or lie there.
    tasks : collection of str or None
        Names of installed tasks. If given, the tasks that the flow names must be among them.
    """
    tree = ast.parse(source)
    checked = _CheckedImports(folder)
    for node in _iterate_required(tree):
        checked.add(node)
    problems = [*checked.problems]
    problems += _check_calls(tree, checked.found)
    problems += _check_attributes(tree, checked.found)
    if tasks is not None:
        problems += _check_tasks(tree, tasks)
    return sorted(set(problems), key=lambda one: (one.line, one.message))


def refuse_absent_names(source: str | bytes, name: str) -> None:
    """Refuse a flow that uses what does not exist below `qdash`, before it runs.

    Raises
    ------
    InvalidInputError
        Naming the first line and its alternative.
    """
    problems = find_source_problems(source)
    if problems:
        more = f" ({len(problems) - 1} more: `qdash flow check {name}`)" if len(problems) > 1 else ""
        raise InvalidInputError(f"{name}, line {problems[0].line}: {problems[0]}{more}")


def _iterate_required(tree: ast.AST) -> Iterator[ast.AST]:
    """Iterate over the nodes of a tree, without imports that may fail: those in a `try` that catches their error."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if isinstance(node, ast.Try) and any(_catches_import_error(one) for one in node.handlers):
            for rest in (*node.handlers, *node.orelse, *node.finalbody):
                yield from _iterate_required(rest)
        else:
            yield from _iterate_required(node)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    names = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else set()
    )
    return bool(names & {"ImportError", "ModuleNotFoundError", "AttributeError"})


@dataclass
class _CheckedImports:
    """Imports of a source: the objects that they name, and those that do not exist."""

    folder: Path | None
    found: dict[str, object] = field(default_factory=dict)
    problems: list[SourceProblem] = field(default_factory=list)

    def add(self, node: ast.AST) -> None:
        """Look up the names of an import statement."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._require_module(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if not self._require_module(node.module, node.lineno) or not _is_ours(node.module):
                return
            module = importlib.import_module(node.module)
            for alias in node.names:
                self._add_name(module, alias, node.lineno)

    def _add_name(self, module: object, alias: ast.alias, line: int) -> None:
        place, name = str(getattr(module, "__name__", "")), alias.name
        if name == "*":
            return
        try:
            self.found[alias.asname or name] = getattr(module, name)
        except (AttributeError, ImportError):
            if not _has_module(f"{place}.{name}"):
                hint = suggest(name, getattr(module, "__all__", ()))
                alternative = find_alternative(f"{place}.{name}")
                self.problems.append(SourceProblem(line, f"{place} has no {name}{hint}", alternative))

    def _require_module(self, name: str, line: int) -> bool:
        if _is_ours(name):
            exists = _has_module(name)
        else:
            first = name.partition(".")[0]
            beside = self.folder is not None and any(
                (self.folder / end).exists() for end in (first, f"{first}.py")
            )
            exists = self.folder is None or beside or _has_module(first)
        if not exists:
            kind = "there is no module" if _is_ours(name) else "not installed: module"
            self.problems.append(SourceProblem(line, f"{kind} {name}", find_alternative(name)))
        return exists


def _is_ours(module: str) -> bool:
    first = module.partition(".")[0]
    return first == "qdash" or first.startswith("qdash_")


def _has_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _check_calls(tree: ast.AST, found: dict[str, object]) -> Iterator[SourceProblem]:
    """Yield keyword arguments that imported classes and functions do not have."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        called = found.get(node.func.id)
        if not callable(called):
            continue
        try:
            parameters = inspect.signature(called).parameters
        except (TypeError, ValueError):
            continue
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
            continue
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in parameters:
                hint = suggest(keyword.arg, parameters)
                has = f"(it has: {', '.join(parameters)})"
                yield SourceProblem(
                    keyword.lineno, f"{node.func.id} has no argument {keyword.arg!r}{hint} {has}"
                )


def _check_attributes(tree: ast.AST, found: dict[str, object]) -> Iterator[SourceProblem]:
    """Yield attributes that objects of imported classes do not have."""
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.Module)):
            kinds = _find_objects(scope, found)
            for node in _walk_scope(scope):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    kind = kinds.get(node.value.id)
                    if kind is not None and not _has_attribute(kind, node.attr):
                        hint = suggest(node.attr, [name for name in dir(kind) if not name.startswith("_")])
                        place = f"{kind.__module__}.{kind.__name__}.{node.attr}"
                        yield SourceProblem(
                            node.lineno,
                            f"{kind.__name__} has no attribute {node.attr!r}{hint}",
                            find_alternative(place),
                        )


def _find_objects(scope: ast.FunctionDef | ast.Module, found: dict[str, object]) -> dict[str, type]:
    """Return the variables of a scope that are only ever objects of an imported class."""
    kinds: dict[str, set[type | None]] = {}
    if isinstance(scope, ast.FunctionDef):
        for argument in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
            note = argument.annotation
            named = note.value if isinstance(note, ast.Constant) else getattr(note, "id", None)
            kinds.setdefault(argument.arg, set()).add(_as_class(found.get(str(named))))
    for node in _walk_scope(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            kinds.setdefault(node.id, set())
        if isinstance(node, ast.Assign):
            made = node.value.func if isinstance(node.value, ast.Call) else None
            kind = _as_class(found.get(made.id)) if isinstance(made, ast.Name) else None
            for target in node.targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        kinds.setdefault(name.id, set()).add(kind if name is target else None)
    single = {name: next(iter(of)) for name, of in kinds.items() if len(of) == 1}
    return {name: kind for name, kind in single.items() if kind is not None}


def _walk_scope(scope: ast.FunctionDef | ast.Module) -> Iterator[ast.AST]:
    """Iterate over the nodes of a function or module, without the functions in it."""
    rest: list[ast.AST] = [*scope.body]
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            rest.extend(ast.iter_child_nodes(node))


def _as_class(value: object) -> type | None:
    return value if isinstance(value, type) else None


def _has_attribute(kind: type, name: str) -> bool:
    made = (getattr(one.__dict__.get("__init__"), "__code__", None) for one in kind.__mro__)
    return hasattr(kind, name) or any(code is not None and name in code.co_names for code in made)


def _check_tasks(tree: ast.AST, tasks: Collection[str]) -> Iterator[SourceProblem]:
    """Yield names of tasks that are not installed."""
    for node in _list_task_names(tree):
        if node.value not in tasks:
            yield SourceProblem(
                node.lineno, f"there is no task {node.value!r}{suggest(str(node.value), tasks)}"
            )


def _list_task_names(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the texts that name tasks: in lists that are called so, and in calls that run a task."""
    for node in ast.walk(tree):
        values: Iterable[ast.expr | None] = ()
        if isinstance(node, ast.keyword) and node.arg == "tasks":
            values = [node.value]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(one, ast.Name) and one.id.casefold().endswith("tasks") for one in targets)
            values = [node.value] if named else []
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _RUNS_TASK
        ):
            values = [ast.List(node.args[:1])]
        for value in values:
            if isinstance(value, (ast.List, ast.Tuple)):
                yield from (
                    one for one in value.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
