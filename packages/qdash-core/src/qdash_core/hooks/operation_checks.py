"""Checks of the operations that a plugin declares, before they are registered."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from qdash_core.errors import PluginError
from qdash_core.operations.operation import Operation, PluginOperations
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Hashable

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PATH = re.compile(r"(/([\w.~-]+|\{[a-z_][a-z0-9_]*\}))+")
_COMMAND = re.compile(r"[a-z][a-z0-9-]*")
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


def require_plugin_operations(item: object, path: str) -> PluginOperations:
    """Return the operations if they are a plugin's own, complete and distinct.

    Parameters
    ----------
    item : object
        The object that the hook returned.
    path : str
        Path of the plugin's routes on the host.

    Raises
    ------
    PluginError
        If they are not; the message names the operation and the fault.
    """
    if not isinstance(item, PluginOperations):
        raise PluginError("are no operations of a plugin: PluginOperations(NAME) makes some")
    if item.prefix != path:
        raise PluginError(f"are of the plugin {item.plugin!r}, and its routes would not be below {path}")
    for one in item.declared:
        name = one.function.__name__
        if not _NAME.fullmatch(name):
            raise PluginError(f"has an operation {name!r}: lower-case letters, digits and '_' make a name")
        if fault := _find_fault(one, item) or _find_fault_of_parameters(one):
            raise PluginError(f"has an operation {one.name} that {fault}")
    return item


def list_keys(operations: PluginOperations) -> list[Hashable]:
    """Return the names, the commands and the routes of operations; no other operation may have one of these.

    Raises
    ------
    PluginError
        If two of the operations have one.
    """
    keys: dict[Hashable, str] = {}
    for one in operations.declared:
        route = one.method, _PATH_PARAMETER.sub("{}", one.path)
        for key in (one.name, route, *([one.command.name] if one.command else ())):
            if key in keys:
                shown = " ".join(key) if isinstance(key, tuple) else key
                raise PluginError(f"has {shown!r} twice, by {keys[key]} and {one.name}")
            keys[key] = one.name
    return [*keys]


def _find_fault(one: Operation[..., Any], of: PluginOperations) -> str | None:
    """Return what is wrong with the declaration of an operation, or None."""
    from qdash_core.documents.base import Document

    if not _PATH.fullmatch(one.path.removeprefix(of.prefix)):
        return f"has the path {one.path.removeprefix(of.prefix)!r}: parts such as /fridge or /{{name}} make a path"
    if not isinstance(one.needs, RequiredRole):
        return "needs something that is no RequiredRole"
    if one.needs is RequiredRole.OPEN:
        return "needs no token: a plugin's need one"
    if one.needs is RequiredRole.VIEWER and not one.reads:
        return "may change something and needs a viewer only: viewers change nothing"
    if inspect.iscoroutinefunction(one.function):
        return "is a coroutine: operations are plain functions"
    if one.answers is not None and not (isinstance(one.answers, type) and issubclass(one.answers, Document)):
        return "answers with something that is no subclass of Document"
    if not one.summary:
        return "has no docstring: it describes the route and the command"
    if one.compares and not any((one.compares, "GET") == (other.path, other.method) for other in of.declared):
        return f"compares {one.compares.removeprefix(of.prefix)!r}, which no operation of the plugin shows"
    if one.command and not _COMMAND.fullmatch(one.command.name.partition(" ")[2]):
        return (
            f"has the command {one.command.name!r}: one word of lower-case letters, digits and '-' names it"
        )
    return None


def _find_fault_of_parameters(one: Operation[..., Any]) -> str | None:
    """Return what is wrong with the parameters of an operation, or None."""
    try:
        parameters = list_parameters(one)
    except (NameError, TypeError, KeyError, ValueError) as error:
        return f"has parameters that cannot be read: {type(error).__name__}: {error}"
    named = {parameter.name for parameter in parameters if parameter.place is Place.PATH}
    if missing := set(_PATH_PARAMETER.findall(one.path)) - named:
        return f"has no parameter {', '.join(sorted(missing))} of its path"
    if len([1 for parameter in parameters if parameter.place in (Place.BODY, Place.RAW_BODY)]) > 1:
        return "has several bodies"
    return None
