"""Commands derived from operations: arguments, options, `--json` and text."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cached_property
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import click
from pydantic import TypeAdapter, ValidationError

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options, user_option
from qdash_core.cli.issue_texts import read_given_text
from qdash_core.cli.period_options import parse_time_option
from qdash_core.cli.rendering.documents import print_document, print_list
from qdash_core.cli.rendering.output import emit, emit_json, print_message, require_output_file, write_file
from qdash_core.documents.field_descriptions import read_field_descriptions
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.error_messages import find_first_error
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.transport import list_every, list_some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from qdash_core.operations.operation import Operation, Operations
    from qdash_core.operations.parameters import Parameter
    from qdash_core.operations.transport import Transport

    Texts = Mapping[Any, Callable[..., None]]
    """Functions that print answers, by the type of a document, or `PageOf` of it for the items of a list; by the name of a command
they take the arguments of the operation, too."""

_FURTHER = ("path", "everything", "limit", "after", "output", "force", "yes")
"""Parameters of a command that are no fields of its operation."""
_ABSENT = object()
_USUAL_MARKS = {
    "task_id": OnCommandLine(name="result", metavar="TASK_ID"),
    "execution_id": OnCommandLine(metavar="ID|last"),
    "cooldown_id": OnCommandLine(metavar="ID"),
    "target": OnCommandLine(metavar="Q"),
    "targets": OnCommandLine(metavar="Q"),
    "metric": OnCommandLine(metavar="KEY"),
    "metrics": OnCommandLine(metavar="KEY"),
    "task": OnCommandLine(metavar="NAME"),
    "user": OnCommandLine(metavar="USER"),
    "assignee": OnCommandLine(metavar="USER"),
    "assignees": OnCommandLine(metavar="USER"),
    "q": OnCommandLine(name="search", metavar="WORDS"),
}
"""Marks of options that many commands have, by the name of their field."""
_PROJECT = "project_id"
"""Parameter of a path that the option `--project` gives."""


def add_commands(group: click.Group, operations: Operations, texts: Texts | None = None) -> None:
    """Add the commands that operations declare for a group.

    Parameters
    ----------
    group : click.Group
        The group; its name is the first word of their names.
    operations : Operations
        Operations of a resource.
    texts : mapping or None
        Functions that print answers for which columns or a sentence are not enough.
    """
    for one in operations.declared:
        if one.command is not None and one.command.name.partition(" ")[0] == group.name:
            group.add_command(DerivedCommand(one, one.command, texts or {}))


@dataclass(frozen=True, slots=True)
class _Field:
    """Field of an operation on the command line: a parameter, or a field of its filters or body."""

    parameter: Parameter
    name: str
    """Name of the field in a model, or of the parameter."""
    annotation: Any
    is_required: bool
    description: str
    default: Any
    mark: OnCommandLine

    @property
    def key(self) -> str:
        """Name of the parameter of the command."""
        return f"{self.parameter.name}.{self.name}".replace(".", "__")

    @property
    def is_list(self) -> bool:
        return any(get_origin(one) in (list, tuple, dict) for one in _list_kinds(self.annotation))

    @property
    def is_repeated(self) -> bool:
        return self.is_list and not self.mark.splits_commas

    @property
    def is_flag(self) -> bool:
        return bool in _list_kinds(self.annotation) and not self.mark.metavar

    @property
    def is_time(self) -> bool:
        return datetime in _list_kinds(self.annotation)

    @property
    def is_argument(self) -> bool:
        own = self.mark.is_argument or bool(self.mark.joined_to)
        return own or self.parameter.place in (Place.PATH, Place.RAW_BODY)

    @property
    def option(self) -> str:
        """Name of the option, or the placeholder of the argument."""
        if self.is_argument:
            return self.metavar
        singular = self.name.removesuffix("s") if self.is_repeated else self.name
        return "--" + (self.mark.name or singular.removesuffix("_id").replace("_", "-"))

    @property
    def metavar(self) -> str:
        if self.mark.metavar:
            return self.mark.metavar
        if self.parameter.place is Place.RAW_BODY:
            return "FILE"
        if self.is_time:
            return "TIME"
        for one in _list_kinds(self.annotation):
            if get_origin(one) is Literal:
                return "|".join(map(str, get_args(one)))
            if isinstance(one, type) and issubclass(one, Enum):
                return "|".join(str(member.value) for member in one)
        return self.name.removesuffix("s" if self.is_list else "_id").upper()

    def join(self, second: _Field) -> _Field:
        """Return the field with the form of the argument that it has together with a second one."""
        form = (
            f"{self.metavar}:{second.metavar}" if second.is_required else f"{self.metavar}[:{second.metavar}]"
        )
        return replace(self, mark=replace(self.mark, metavar=form))

    def split(self, text: str, second: _Field) -> tuple[str, str | None]:
        """Return both values of an argument of two fields, None for an absent second one."""
        before, _, after = text.partition(":")
        if not before or (second.is_required and not after):
            raise InvalidInputError(f"{text!r}: write {self.metavar}")
        return before, after or None

    def make(self) -> click.Parameter:
        """Return the parameter of the command."""
        if self.is_argument:
            metavar = self.metavar if self.is_required else f"[{self.metavar}]"
            return click.Argument(
                [self.key],
                type=_make_path_type() if self.parameter.place is Place.RAW_BODY else None,
                metavar=f"{metavar}..." if self.is_list else metavar,
                required=self.is_required and not self.mark.is_long_text,
                nargs=-1 if self.is_list else 1,
            )
        shown = self.mark.help or self.description or f"{self.option[2:].capitalize().replace('-', ' ')}."
        if isinstance(self.default, str) and self.default:
            shown = f"{shown.removesuffix('.')}; default: {self.default}."
        if self.is_list:
            shown = f"{shown.removesuffix('.')}; {'may be repeated' if self.is_repeated else 'separated by commas'}."
        if self.is_flag:
            shown = shown.removeprefix("True: ")
            shown = shown[:1].upper() + shown[1:]
            names = self.option if self.default is False else f"{self.option}/--no-{self.option[2:]}"
            return click.Option([names, self.key], is_flag=True, default=None, help=shown)
        metavar = f"{self.metavar}|-" if self.mark.is_long_text else self.metavar
        short = [f"-{self.mark.short}"] if self.mark.short else []
        return click.Option(
            [*short, self.option, self.key],
            metavar=metavar,
            multiple=self.is_repeated,
            required=self.is_required and not self.mark.is_asked,
            help=shown,
        )

    def read(self, given: Any, path: Path | None, zone: ZoneInfo) -> Any:
        """Return a given value, or `_ABSENT`. An empty text clears a list or a time."""
        if self.mark.is_long_text:
            given = read_given_text(given, path)
            if given is None and self.is_required:
                raise InvalidInputError(
                    f"{self.metavar} is missing: write it, or - to read standard input, or use --file"
                )
        if self.mark.is_asked and not (given or "").strip():
            given = self._ask(given)
        if given is None or given == ():
            return _ABSENT if self.mark.absent is None else self.mark.absent
        return self._convert(given, zone)

    def _convert(self, given: Any, zone: ZoneInfo) -> Any:
        if self.parameter.place is Place.RAW_BODY:
            return read_file(given)
        if self.mark.parse is not None:
            return self.mark.parse(given)
        if self.mark.splits_commas:
            given = [stripped for one in given.split(",") if (stripped := one.strip())]
            if not given:
                raise InvalidInputError(f"{self.option}: name at least one")
        if self.is_list:
            return [one for one in given if one]
        if self.is_time and not given:
            return None
        if self.is_time:
            return parse_time_option(given, zone, option=self.option, ahead=self.mark.is_ahead)
        return given

    def _ask(self, given: str | None) -> str:
        if given is None and sys.stdin.isatty():
            return str(click.prompt(self.option[2:].capitalize(), err=True))
        raise InvalidInputError(f"a {self.name} is needed: {self.option} {self.metavar}")


class DerivedCommand(click.Command):
    """Command of an operation; its parameters are made when they are needed.

    Parameters
    ----------
    operation : Operation
        The operation.
    command : Command
        Its declaration as a command.
    texts : mapping
        Functions that print answers for which columns or a sentence are not enough.
    """

    _params: list[click.Parameter] | None

    def __init__(self, operation: Operation[..., Any], command: Command, texts: Texts) -> None:
        in_project = command.in_project or (operation.needs.role is not None and not command.names_project)
        add_access = access_options if in_project else user_option
        super().__init__(
            command.name.partition(" ")[2],
            callback=options.json_option(add_access(self._run)),
            help=command.help or operation.description,
        )
        self.operation = operation
        self.command = command
        self.texts = texts

    @cached_property
    def fields(self) -> list[_Field]:
        """Fields of the operation that the command has."""
        marks = self.command.marks
        found = [
            replace(one, mark=marks.get(one.name, one.mark))
            for parameter in list_parameters(self.operation)
            for one in _list_fields(parameter)
        ]
        joined = {one.mark.joined_to: one for one in found}
        return [
            one.join(joined[one.name]) if one.name in joined else one
            for one in found
            if not one.mark.is_hidden
            and (one.is_required or not self.command.sends)
            and (self.command.names_project or not one.parameter.is_project)
        ]

    @property
    def params(self) -> list[click.Parameter]:
        """Arguments and options."""
        if self._params is None:
            shared = reversed(getattr(self.callback, "__click_params__", []))
            own = sorted(
                (one for one in self.fields if not one.mark.joined_to),
                key=lambda one: (not one.is_argument, one.parameter.place is not Place.RAW_BODY),
            )
            self._params = [*(one.make() for one in own), *self._list_further_options(), *shared]
        return self._params

    @params.setter
    def params(self, _given: list[click.Parameter]) -> None:
        self._params = None

    def _list_further_options(self) -> Iterator[click.Option]:
        if any(one.mark.is_long_text for one in self.fields):
            yield click.Option(
                ["--file", "path"], type=_make_path_type(), help="Read the text from this file."
            )
        if self.command.usual:
            yield click.Option(
                ["--all", "everything"], is_flag=True, help="Everything, also what is usually hidden."
            )
        if self.command.limit is not None:
            yield click.Option(
                ["--limit"],
                type=click.IntRange(min=1),
                default=self.command.limit,
                show_default=True,
                help="Maximum number.",
            )
        if self.command.limit is not None and not self.command.more:
            yield click.Option(
                ["--after"], metavar="CURSOR", help="The next page: the cursor that the previous one printed."
            )
        if self.operation.media_type is not None:
            yield click.Option(
                ["--output", "-o", "output"], metavar="FILE", type=_make_path_type(), help="File to write."
            )
            yield click.Option(["--force"], is_flag=True, help="Overwrite the file.")
        if self.command.overwrites:
            yield click.Option(
                ["--force"], is_flag=True, help="Replace what exists, which stays in its history."
            )
        if self.operation.method == "DELETE":
            yield click.Option(
                ["--yes"], is_flag=True, help="Do not ask for confirmation, as without a terminal."
            )

    def _run(self, command_user: CommandUser, as_json: bool, **given: Any) -> None:
        further = {name: given.pop(name) for name in _FURTHER if name in given}
        for second in self.fields:
            for one in self.fields:
                if one.name == second.mark.joined_to:
                    given[one.key], given[second.key] = one.split(given[one.key], second)
        if (output := further.get("output")) is not None:
            require_output_file(output, force=further["force"])
        if self.command.names_project:
            command_user = replace(command_user, project=given[f"{_PROJECT}__{_PROJECT}"])
        with command_user.connect() as home:
            sent = self._bind(given, further, home)
            if self.operation.method == "DELETE" and not (further["yes"] or as_json) and sys.stdin.isatty():
                click.confirm(f"{self.operation.summary.partition('. ')[0]}?", abort=True)
            if self.operation.is_listed and issubclass(self.operation.answers, PageOf):
                items, cursor = self._list(home, sent, further)
                self._show_list(items, cursor, home.zone, sent, given, further, as_json=as_json)
            else:
                operation = self.operation
                if self.command.overwrites:
                    operation = operation.at_version("*" if further["force"] else None)
                self._show(home.ask(operation, **sent), home.zone, sent, further, as_json=as_json)

    def _bind(self, given: Mapping[str, Any], further: Mapping[str, Any], home: Transport) -> dict[str, Any]:
        """Return the arguments of the operation."""
        found: dict[str, Any] = {}
        for parameter in list_parameters(self.operation):
            own = [one for one in self.fields if one.parameter == parameter]
            values = {one.name: one.read(given[one.key], further.get("path"), home.zone) for one in own}
            values = {name: value for name, value in values.items() if value is not _ABSENT}
            if parameter.place is Place.BODY:
                values |= self.command.sends
            if parameter.is_project:
                found[_PROJECT] = home.project_id
            elif parameter.place in (Place.FILTERS, Place.BODY):
                if parameter.place is Place.FILTERS:
                    values = self._add_usual(values, own, further)
                elif not values and parameter.default is None:
                    continue
                elif not values and self.operation.edits:
                    raise InvalidInputError(
                        f"nothing to change: use an option such as {own[-1].option} {own[-1].metavar}"
                    )
                found[parameter.name] = _validate(parameter.model, values, own)
            elif values:
                found[parameter.name] = _validate(parameter.kind, values[parameter.name], own)
        return found

    def _add_usual(
        self, values: dict[str, Any], fields: Sequence[_Field], further: Mapping[str, Any]
    ) -> dict[str, Any]:
        for name, value in self.command.usual.items():
            if name in values and further["everything"]:
                option = next(one.option for one in fields if one.name == name)
                raise InvalidInputError(f"use {option} or --all, not both")
            if name not in values and not further["everything"]:
                values[name] = value
        return values

    def _list(
        self, home: Transport, sent: Mapping[str, Any], further: Mapping[str, Any]
    ) -> tuple[list[Any], str | None]:
        """Return the items of a list, and the cursor of the next page."""
        if self.command.limit is None:
            return [*list_every(home, self.operation, **sent)], None
        asked = self.operation.paged(after=further.get("after"))
        return list_some(home, asked, further["limit"], **sent)

    def _show_list(
        self,
        items: list[Any],
        cursor: str | None,
        zone: ZoneInfo,
        sent: Mapping[str, Any],
        given: Mapping[str, Any],
        further: Mapping[str, Any],
        *,
        as_json: bool,
    ) -> None:
        if as_json:
            emit_json(items)
        elif items:
            self.texts.get(self.operation.answers, print_list)(items, zone)
            if cursor is not None:
                more = self.command.more.format_map(dict(items[-1])) or f"--after {cursor}"
                print_message(f"and more: {more}")
        else:
            print_message(self._describe_empty_list(given, further).format_map(sent))

    def _describe_empty_list(self, given: Mapping[str, Any], further: Mapping[str, Any]) -> str:
        by_usual = bool(self.command.usual) and not further["everything"]
        filtered = [
            one for one in self.fields if given[one.key] not in (None, (), False) and not one.is_argument
        ]
        if filtered and self.command.no_match:
            selected = any(one.name in self.command.usual for one in filtered)
            return self.command.no_match + (
                ": with --all, others are searched, too" if by_usual and not selected else ""
            )
        return (by_usual and self.command.hidden) or self.command.empty or "nothing found"

    def _show(
        self,
        answer: Any,
        zone: ZoneInfo,
        sent: Mapping[str, Any],
        further: Mapping[str, Any],
        *,
        as_json: bool,
    ) -> None:
        if isinstance(answer, TextAnswer):
            _write_text(answer, further["output"])
            return
        if isinstance(answer, FileAnswer):
            answer = _write_file(answer, further["output"], force=further["force"])
        if as_json:
            emit_json({} if answer is None else answer)
        elif says := self.command.says or (self.operation.media_type and "{file} was written"):
            print_message(says.format_map({**sent, **dict(answer or {})}))
        elif self.command.name in self.texts:
            self.texts[self.command.name](answer, zone, sent)
        elif answer is not None:
            self.texts.get(type(answer), print_document)(answer, zone)


def _list_fields(parameter: Parameter) -> Iterator[_Field]:
    if parameter.place in (Place.FILTERS, Place.BODY):
        model = parameter.model
        descriptions = read_field_descriptions([model])[model]
        for name, field in model.model_fields.items():
            description = " ".join((field.description or descriptions.get(name, "")).split())
            mark = _find_mark(field.metadata, field.annotation) or _USUAL_MARKS.get(name, OnCommandLine())
            yield _Field(
                parameter,
                name,
                field.annotation,
                field.is_required(),
                description,
                field.default,
                mark,
            )
    else:
        described = (
            one.description for one in _list_metadata(parameter.kind) if getattr(one, "description", None)
        )
        own = getattr(parameter.kind, "__metadata__", ())
        mark = _find_mark(own, parameter.kind) or _USUAL_MARKS.get(parameter.name, OnCommandLine())
        required = parameter.default is inspect.Parameter.empty and mark.absent is None
        yield _Field(
            parameter,
            parameter.name,
            parameter.kind,
            required,
            next(described, ""),
            parameter.default,
            mark,
        )


def _list_metadata(annotation: Any) -> Iterator[Any]:
    """Yield the metadata of an annotation, then those of its alternatives."""
    if hasattr(annotation, "__metadata__"):
        yield from annotation.__metadata__
        yield from _list_metadata(annotation.__origin__)
    elif get_origin(annotation) in (Union, UnionType):
        for one in get_args(annotation):
            yield from _list_metadata(one)


def _find_mark(metadata: Iterable[Any], annotation: Any) -> OnCommandLine | None:
    """Return the outermost mark of a field, or None."""
    own = next((one for one in reversed([*metadata]) if isinstance(one, OnCommandLine)), None)
    if own is not None:
        return own
    if hasattr(annotation, "__metadata__"):
        return _find_mark(annotation.__metadata__, annotation.__origin__)
    return next((mark for one in get_args(annotation) if (mark := _find_mark((), one))), None)


def _list_kinds(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation, without None and without what `Annotated` adds."""
    if hasattr(annotation, "__metadata__"):
        return _list_kinds(annotation.__origin__)
    origin = get_origin(annotation)
    if origin not in (Union, UnionType):
        return [annotation]
    return [kind for one in get_args(annotation) if one is not NoneType for kind in _list_kinds(one)]


def _validate(kind: Any, value: Any, fields: Sequence[_Field]) -> Any:
    """Return a value as its type has it; raise InvalidInputError with the option of the first fault."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        place, message = find_first_error(error)
        name = place.partition(".")[0]
        named = (
            one.option
            for one in fields
            if one.name == name or one.parameter.place in (Place.PATH, Place.QUERY)
        )
        raise InvalidInputError(": ".join(filter(None, (next(named, name), message)))) from None


def _write_text(answer: TextAnswer, output: Path | None) -> None:
    """Write a text to the named file, else to standard output."""
    if output is None:
        emit(answer.text)
        return
    write_file(output, answer.text)
    print_message(f"{output} was written")


def _write_file(answer: FileAnswer, output: Path | None, *, force: bool) -> dict[str, Any]:
    """Write a file to the named one, else to one of its own name, and return both its name and its size in bytes."""
    from pathlib import Path

    target = output or Path(Path(answer.name).name.lstrip(".") or "file")
    require_output_file(target, force=force)
    contents = b"".join(answer.chunks)
    write_file(target, contents)
    return {"file": str(target), "bytes": len(contents)}


def read_file(path: Path) -> bytes:
    """Return the contents of a file that a user names, with at most one byte more than operations take.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read.
    """
    from qdash_core.parsing.limits import FILE

    try:
        with path.open("rb") as opened:
            return opened.read(FILE.size + 1)
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}") from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error


def _make_path_type() -> click.Path:
    from pathlib import Path

    return click.Path(path_type=Path)
