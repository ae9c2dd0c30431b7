"""Operations that a plugin declares, and their checks before they are registered."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from dataclasses import replace
from functools import cached_property, wraps
from string import Formatter
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from qdash_core.documents.base import CitedPart, Column, Document
from qdash_core.documents.pages import PageOf
from qdash_core.errors import PluginError, QDashError
from qdash_core.hooks.plugin_failures import forget_failure
from qdash_core.operations.answers import FileAnswer, MessageStream
from qdash_core.operations.call import ResponseKnown
from qdash_core.operations.operation import Operation, Operations, read_hints
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from qdash_core.operations.call import Call

P = ParamSpec("P")
T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PATH = re.compile(r"(/([\w.~-]+|\{[a-z_][a-z0-9_]*\}))+")
ENTITY_COMMANDS = frozenset(
    {"attach", "attachments", "create", "delete", "detach", "download", "edit", "list", "show"}
)
"""Commands that each entity has, with and without attachments."""
_COMMAND = re.compile(r"[a-z][a-z0-9-]*")
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


class PluginOperations(Operations):
    """Operations of a plugin: paths and commands are declared without the name of the plugin, below which they are.

    `/fridge` of the plugin `cryo`, which is the name of its entry point, is the route `/plugins/cryo/fridge`, and
    `Command("show")` the command `qdash cryo show`. A command of two words is below the group of an entity of the
    plugin: `Command("sample break")` is `qdash sample break`.
    """

    def __init__(self, plugin: str) -> None:
        super().__init__(f"plugins-{plugin}")
        self.plugin = plugin
        self.prefix = f"/plugins/{plugin}"

    def _make(self, operation: Operation[P, T]) -> Operation[P, T]:
        command, compares = operation.command, operation.compares
        made = replace(
            operation,
            plugin=self.plugin,
            path=self.prefix + operation.path,
            command=command and replace(command, name=self._name_command(command.name)),
            compares=compares and self.prefix + compares,
        )
        if inspect.iscoroutinefunction(made.function):  # it is refused
            return made
        return replace(made, function=_attribute_failures(made.function, self.plugin))

    def _name_command(self, name: str) -> str:
        return name if " " in name else f"{self.plugin} {name}"

    def list_groups(self) -> set[str]:
        """Return the groups of its commands besides that of the plugin, which are those of its entities."""
        named = {one.command.name.partition(" ")[0] for one in self.declared if one.command}
        return named - {self.plugin}

    def check(self, path: str) -> list[Hashable]:
        """Return the names, the commands and the routes of the operations; no other operation may have one of these.

        `path` is that of the plugin's routes on the host.

        Raises
        ------
        PluginError
            If the operations are not the plugin's own, complete and distinct; the message names the operation and the fault.
        """
        if self.prefix != path:
            raise PluginError(f"are of the plugin {self.plugin!r}, and its routes would not be below {path}")
        for one in self.declared:
            name = one.function.__name__
            if not _NAME.fullmatch(name):
                raise PluginError(
                    f"has an operation {name!r}: lower-case letters, digits and '_' make a name"
                )
            if fault := _find_fault(one, self) or _find_fault_of_annotations(one):
                raise PluginError(f"has an operation {one.name} that {fault}")
        return self._list_keys()

    def _list_keys(self) -> list[Hashable]:
        keys: dict[Hashable, str] = {}
        for one in self.declared:
            route = one.method, _PATH_PARAMETER.sub("{}", one.path)
            for key in (one.name, route, *([one.command.name] if one.command else ())):
                if key in keys:
                    shown = " ".join(key) if isinstance(key, tuple) else key
                    raise PluginError(f"has {shown!r} twice, by {keys[key]} and {one.name}")
                keys[key] = one.name
        return [*keys]


def name_call(function: Callable[..., Any]) -> str:
    """Return the name of a call of the function of an operation, by which failures are recorded."""
    return f"the operation {function.__name__!r}"


def _attribute_failures(
    function: Callable[Concatenate[Call, P], T], plugin: str
) -> Callable[Concatenate[Call, P], T]:
    """Return the function of an operation, whose unexpected errors name the plugin and are its last failure."""
    name = name_call(function)

    @wraps(function)
    def perform(call: Call, /, *given: P.args, **named: P.kwargs) -> T:
        registry, home = call.qdash.registry, call.qdash.settings.home
        try:
            answer = function(call, *given, **named)
        except QDashError:
            raise
        except ResponseKnown:
            forget_failure(home, plugin, name)
            raise
        except (Exception, SystemExit) as error:
            raise registry.report_failure(home, plugin, name, error, module=function.__module__) from error
        forget_failure(home, plugin, name)
        return answer

    return perform


def _find_fault(one: Operation[..., Any], of: PluginOperations) -> str | None:
    """Return what is wrong with the declaration of an operation, or None."""
    if not _PATH.fullmatch(one.path.removeprefix(of.prefix)):
        return f"has the path {one.path.removeprefix(of.prefix)!r}: parts such as /fridge or /{{name}} make a path"
    if fault := _find_fault_of_role(one):
        return fault
    if type(one.largest_body) is not int or one.largest_body < 1:
        return f"takes bodies of {one.largest_body!r} bytes at most: largest_body is a number of bytes"
    if inspect.iscoroutinefunction(one.function):
        return "is a coroutine: operations are plain functions"
    if not one.summary:
        return "has no docstring: it describes the route and the command"
    if one.compares and not any((one.compares, "GET") == (other.path, other.method) for other in of.declared):
        return f"compares {one.compares.removeprefix(of.prefix)!r}, which no operation of the plugin shows"
    if one.command and not _COMMAND.fullmatch(one.command.name.partition(" ")[2]):
        return (
            f"has the command {one.command.name!r}: one word of lower-case letters, digits and '-' names it, after that of an entity if it "
            "is about its records"
        )
    if one.command and one.command.name in {
        f"{group} {name}" for group in of.list_groups() for name in ENTITY_COMMANDS
    }:
        return f"has the command {one.command.name!r}, which entities have already"
    return None


def _find_fault_of_role(one: Operation[..., Any]) -> str | None:
    """Return what is wrong with the required role of an operation, or None."""
    if not isinstance(one.needs, RequiredRole):
        return "needs something that is no RequiredRole"
    if one.needs is RequiredRole.OPEN:
        return "needs no token: a plugin's need one"
    if one.needs is RequiredRole.ADMINISTRATOR and one.for_assistants:
        return "is for assistants and needs an administrator: an assistant is none"
    if one.for_answers and not (one.reads and one.for_assistants):
        return "is for answers, and no read that is for assistants"
    if one.needs is RequiredRole.VIEWER and not one.reads:
        return "may change something and needs a viewer only: viewers change nothing"
    return None


def _find_fault_of_annotations(one: Operation[..., Any]) -> str | None:
    """Return what is wrong with the parameters or the answer of an operation, or None."""
    try:
        parameters = list_parameters(one)
    except (NameError, TypeError, KeyError, ValueError) as error:
        return f"has annotations that cannot be read: {type(error).__name__}: {error}"
    if "return" not in inspect.get_annotations(one.function):
        return "does not say what it answers: annotate its result, with None for nothing"
    if one.answers is not None and not (isinstance(one.answers, type) and issubclass(one.answers, Document)):
        return "answers with something that is no subclass of Document"
    if one.answers is not None and (fault := _find_fault_of_columns(one.answers)):
        return fault
    named = {parameter.name for parameter in parameters if parameter.place is Place.PATH}
    if missing := set(_PATH_PARAMETER.findall(one.path)) - named:
        return f"has no parameter {', '.join(sorted(missing))} of its path"
    bodies = [parameter for parameter in parameters if parameter.place in (Place.BODY, Place.RAW_BODY)]
    if bodies and one.method == "GET":
        return f"reads, and takes the body {bodies[0].name}: a subclass of Filter is for reads"
    if len(bodies) > 1:
        return "has several bodies"
    passes_files = any(parameter.place is Place.RAW_BODY for parameter in parameters)
    answered = read_hints(one.function).get("return")
    if one.for_assistants and (passes_files or answered is FileAnswer):
        return "is for assistants, and takes or gives a file, which no tool does"
    if answered is MessageStream and (
        one.for_assistants or one.command or one.media_type != answered.media_type
    ):
        return f"streams: it has the media_type {MessageStream.media_type!r}, and no command or tool"
    return None


def _find_fault_of_columns(answers: type[Document]) -> str | None:
    """Return what is wrong with the columns of an answer, or of the items of a page, or None."""
    shown: Any = answers.get_item_type() if issubclass(answers, PageOf) else answers
    if not (isinstance(shown, type) and issubclass(shown, Document)):
        return "answers with a PageOf something that is no subclass of Document"
    if not isinstance(shown.text_columns, tuple):
        return f"answers with {shown.__name__}, whose text_columns are no tuple"
    for column in shown.text_columns:
        if not isinstance(column, Column):
            return f"answers with {shown.__name__}, whose text_columns have {column!r}: Column(HEADER, FIELD) makes one"
        if column.field not in shown.model_fields and not isinstance(
            getattr(shown, column.field, None), property | cached_property
        ):
            return f"answers with {shown.__name__}, whose text_columns have {column.field!r}, which is no field of it"
    return _find_fault_of_citations(shown)


def _find_fault_of_citations(shown: type[Document]) -> str | None:
    for part in shown.cited_as:
        if not isinstance(part, CitedPart):
            return (
                f"answers with {shown.__name__}, whose cited_as have {part!r}: CitedPart(KIND, ID) makes one"
            )
        names = ["name"] * part.path.split(".").count("*")
        try:
            Formatter().vformat(part.id, names, defaultdict(str))
        except (ValueError, IndexError, AttributeError):
            return f"answers with {shown.__name__}, which is cited by {part.id!r}: names of fields and numbers of each * in its path make an id"
    return None
