"""Check of a flow's source for names that do not exist here. The source is parsed, never imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, get_args, get_origin, get_type_hints

from qdash_builtin.flows.absent_names import find_alternative
from qdash_builtin.flows.source_literals import find_invalid_literals
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

_IN_ORDER = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_RUNS_TASK = ("execute_task", "execute_task_batch")


@dataclass(frozen=True, slots=True, order=True)
class SourceProblem:
    """Name in a flow that does not exist here.

    Parameters
    ----------
    line : int
        Its line, from 1.
    alternative : str or None
        What to use instead, if known.
    offset : int
        Place in the line, in bytes of UTF-8.
    """

    line: int
    message: str
    alternative: str | None = None
    offset: int = 0

    def __str__(self) -> str:
        return self.message if self.alternative is None else f"{self.message}; instead: {self.alternative}"


def find_source_problems(
    source: str | bytes | ast.Module,
    *,
    folder: Path | None = None,
    tasks: Collection[str] | None = None,
    lists: bool = False,
) -> list[SourceProblem]:
    """Return the names of a valid source, or of its syntax tree, that do not exist here, in order of the lines.

    Modules and names below `qdash`, arguments of what is imported from it, attributes and methods of its objects, and modes of steps are
    looked up.

    Parameters
    ----------
    folder : Path or None
        Folder of the file. If given, other modules must be installed or lie there.
    tasks : collection of str or None
        Names of installed tasks. If given, the tasks that the flow names must be among them, and steps and targets that are written out
        must be valid.
    lists : bool
        Whether lists of texts in variables whose names end in `tasks` are names of tasks too.
    """
    tree = source if isinstance(source, ast.Module) else ast.parse(source)
    checked = _CheckedImports(folder)
    for node in _iterate_required(tree):
        checked.add(node)
    problems = [*checked.problems]
    problems += _check_calls(tree, checked.found)
    problems += _check_attributes(tree, checked.found)
    if tasks is not None:
        problems += _check_tasks(tree, tasks, checked.found, lists=lists)
        problems += _check_lists(tree, checked.found)
        known = {one.line for one in problems}
        problems += [
            _make_problem(call, reason)
            for call, reason in find_invalid_literals(tree, checked.found)
            if known.isdisjoint(range(call.lineno, (call.end_lineno or call.lineno) + 1))
        ]
    return sorted(set(problems), key=lambda one: (one.line, one.message))


def refuse_absent_names(
    source: str | bytes, name: str | None = None, *, tasks: Collection[str] | None = None
) -> None:
    """Refuse a flow that uses what does not exist below `qdash`, before it runs.

    Parameters
    ----------
    name : str or None
        File of the flow, or None for a source without a file.
    tasks : collection of str or None
        Names of installed tasks, or None to check no names of tasks.

    Raises
    ------
    InvalidInputError
        Naming the first line and its alternative.
    """
    problems = find_source_problems(source, tasks=tasks)
    if problems:
        place = f"{name}, line" if name else "line"
        check = f"`qdash flow check {name or 'FILE.py'}`"
        more = f" ({len(problems) - 1} more: {check})" if len(problems) > 1 else ""
        raise InvalidInputError(f"{place} {problems[0].line}: {problems[0]}{more}")


def _make_problem(
    node: ast.expr | ast.stmt | ast.alias | ast.keyword, message: str, alternative: str | None = None
) -> SourceProblem:
    return SourceProblem(node.lineno, message, alternative, node.col_offset)


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
                self._require_module(alias.name, alias)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if not self._require_module(node.module, node) or not _is_ours(node.module):
                return
            try:
                module = importlib.import_module(node.module)
            except ImportError as error:
                self.problems.append(_make_problem(node, f"{node.module} cannot be imported: {error}"))
                return
            for alias in node.names:
                self._add_name(module, alias)

    def _add_name(self, module: object, alias: ast.alias) -> None:
        place, name = str(getattr(module, "__name__", "")), alias.name
        if name == "*":
            return
        try:
            self.found[alias.asname or name] = getattr(module, name)
        except (AttributeError, ImportError):
            if not _has_module(f"{place}.{name}"):
                hint = suggest(name, getattr(module, "__all__", ()))
                alternative = find_alternative(f"{place}.{name}")
                self.problems.append(_make_problem(alias, f"{place} has no {name}{hint}", alternative))

    def _require_module(self, name: str, node: ast.stmt | ast.alias) -> bool:
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
            self.problems.append(_make_problem(node, f"{kind} {name}", find_alternative(name)))
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
        if callable(called):
            yield from _check_arguments(node, called, node.func.id)
            yield from _check_choices(node, called, node.func.id)


def _check_arguments(call: ast.Call, called: Callable[..., object], name: str) -> Iterator[SourceProblem]:
    """Yield keyword arguments of a call that a class or function does not have, and required arguments that the call lacks."""
    try:
        parameters = inspect.signature(called).parameters
    except (TypeError, ValueError):
        return
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return
    names = [one for one in parameters if one != "self"]
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in names:
            hint, has = suggest(keyword.arg, names), f"(it has: {', '.join(names)})"
            yield _make_problem(keyword, f"{name} has no argument {keyword.arg!r}{hint} {has}")
    given = {keyword.arg for keyword in call.keywords}
    # A misspelled argument is no further problem as a missing one.
    if not given <= set(names) or any(isinstance(one, ast.Starred) for one in call.args):  # *items, **options
        return
    in_order = [one for one in names if parameters[one].kind in _IN_ORDER]
    given |= set(in_order[: len(call.args)])
    missing = [
        one
        for one in names
        if parameters[one].default is inspect.Parameter.empty
        and parameters[one].kind is not inspect.Parameter.VAR_POSITIONAL
        and one not in given
    ]
    if missing:
        yield _make_problem(call, f"{name} needs {', '.join(missing)}")


def _check_choices(call: ast.Call, called: Callable[..., object], name: str) -> Iterator[SourceProblem]:
    """Yield texts that are none of the literals that the annotation of an argument allows, such as a mode."""
    try:
        hints = get_type_hints(called)
    except (NameError, TypeError):  # names that only a type checker imports
        hints = {}
    for keyword in call.keywords:
        choices = _list_choices(hints.get(keyword.arg or ""))
        given = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if choices and isinstance(given, str) and given not in choices:
            hint, has = suggest(given, choices), f"(there are: {', '.join(choices)})"
            yield _make_problem(keyword, f"{name} has no {keyword.arg} {given!r}{hint} {has}")


def _list_choices(hint: object) -> list[str]:
    return [one for one in get_args(hint) if isinstance(one, str)] if get_origin(hint) is Literal else []


def _check_attributes(tree: ast.AST, found: dict[str, object]) -> Iterator[SourceProblem]:
    """Yield attributes that imported classes and their objects do not have, and arguments that their methods do not have."""
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.Module)):
            stored = {
                one.id
                for one in _walk_scope(scope)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            }
            classes = {
                name: one for name, one in found.items() if isinstance(one, type) and name not in stored
            }
            kinds = classes | _find_objects(scope, found)
            for node in _walk_scope(scope):
                yield from _check_method(node, kinds)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    kind = kinds.get(node.value.id)
                    if kind is not None and not _has_attribute(kind, node.attr):
                        names = [name for name in dir(kind) if not name.startswith("_")]
                        there = f" (it has: {', '.join(kind.__members__)})" if issubclass(kind, Enum) else ""
                        hint = suggest(node.attr, names, otherwise=there)
                        place = f"{kind.__module__}.{kind.__name__}.{node.attr}"
                        yield _make_problem(
                            node,
                            f"{kind.__name__} has no attribute {node.attr!r}{hint}",
                            find_alternative(place),
                        )


def _check_method(node: ast.AST, kinds: dict[str, type]) -> Iterator[SourceProblem]:
    """Yield keyword arguments of a call that a method of a known object does not have."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner, name = node.func.value, node.func.attr
        kind = kinds.get(owner.id) if isinstance(owner, ast.Name) else None
        method = None if kind is None else getattr(kind, name, None)
        if kind is not None and callable(method):
            yield from _check_arguments(node, method, f"{kind.__name__}.{name}")


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


def _check_lists(tree: ast.AST, found: dict[str, object]) -> Iterator[SourceProblem]:
    """Yield single tasks and steps in arguments that are lists of them."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.keyword):
            continue
        value = node.value
        if node.arg == "tasks" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield _make_problem(value, "tasks is a list of names", f"[{value.value!r}]")
        called = value.func if isinstance(value, ast.Call) else None
        if node.arg == "steps" and isinstance(called, ast.Name) and hasattr(found.get(called.id), "apply"):
            yield _make_problem(value, "steps is a list", f"[{called.id}(...)]")


def _check_tasks(
    tree: ast.AST, tasks: Collection[str], found: dict[str, object], *, lists: bool
) -> Iterator[SourceProblem]:
    """Yield names of tasks that are not installed."""
    for node in _list_task_names(tree, found, lists=lists):
        if node.value not in tasks:
            hint = suggest(str(node.value), tasks)
            yield _make_problem(node, f"there is no task {node.value!r}{hint}")


def _list_task_names(tree: ast.AST, found: dict[str, object], *, lists: bool) -> Iterator[ast.Constant]:
    """Yield the texts that name tasks: in arguments `tasks`, in calls that run a task, and on request in variables of such names."""
    for node in ast.walk(tree):
        values: Iterable[ast.expr | None] = ()
        if isinstance(node, ast.keyword) and node.arg == "tasks":
            values = [node.value]
        elif lists and isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(one, ast.Name) and one.id.casefold().endswith("tasks") for one in targets)
            values = [node.value] if named else []
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _RUNS_TASK
        ):
            values = [ast.List(node.args[:1])]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            step = found.get(node.func.id)
            values = node.args[:1] if isinstance(step, type) and _takes_tasks_first(step) else []
        for value in values:
            if isinstance(value, (ast.List, ast.Tuple)):
                yield from (
                    one for one in value.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


def _takes_tasks_first(kind: type) -> bool:
    try:
        return next(iter(inspect.signature(kind).parameters), "") == "tasks"
    except (TypeError, ValueError):
        return False
