"""Commands derived from operations: arguments, options, `--json` and text."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options, user_option
from qdash_cli.operation_fields import ABSENT, CommandField, get_singular, list_fields, make_path_type
from qdash_cli.rendering.documents import print_document, print_list
from qdash_cli.rendering.output import (
    emit,
    emit_json,
    is_standard_output,
    print_message,
    require_output_file,
    write_file,
)
from qdash_core.documents.base import Document
from qdash_core.errors import InvalidInputError, UnconfirmedError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.project import ProjectRole
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.operations.transport import list_every, list_some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from qdash_core.operations.command import Command
    from qdash_core.operations.operation import Operation, Operations
    from qdash_core.operations.parameters import Parameter
    from qdash_core.operations.transport import Transport

    Texts = Mapping[Any, Callable[..., None]]
    """Functions that print answers, by the type of a document, or `PageOf` of it for the items of a list; by the name of a command
they take the arguments of the operation, too."""

_FURTHER = ("path", "everything", "limit", "after", "output", "force", "yes")
"""Parameters of a command that are no fields of its operation."""
_PROJECT = "project_id"
"""Parameter of a path that the option `--project` gives."""


def add_commands(group: click.Group, operations: Operations, texts: Texts | None = None) -> None:
    """Add the commands that operations declare for a group.

    The name of the group is the first word of their names; `texts` print answers for which columns or a sentence are
    not enough.
    """
    for one in operations.declared:
        if one.command is not None and one.command.name.partition(" ")[0] == group.name:
            group.add_command(make_command(one, texts))


def make_command(operation: Operation[..., Any], texts: Texts | None = None) -> DerivedCommand:
    """Return the command that an operation declares; `texts` as in `add_commands`."""
    assert operation.command is not None, operation.name
    return DerivedCommand(operation, operation.command, texts or {})


class DerivedCommand(click.Command):
    """Command of an operation; its parameters are made when they are needed. `texts` are as in `add_commands`."""

    _params: list[click.Parameter] | None

    def __init__(self, operation: Operation[..., Any], command: Command, texts: Texts) -> None:
        self.operation = operation
        self.command = command
        self.texts = texts
        in_project = command.in_project or (operation.needs.role is not None and not self.names_project)
        add_access = access_options if in_project else user_option
        super().__init__(
            command.name.rpartition(" ")[2],
            callback=options.json_option(add_access(self._run)),
            help=command.help or operation.description,
        )

    @property
    def names_project(self) -> bool:
        """True for the commands `qdash project`, which have the project as an argument."""
        return self.command.name.startswith("project ")

    @cached_property
    def fields(self) -> list[CommandField]:
        """Fields of the operation that the command has."""
        found = [
            self._adapt(one)
            for parameter in list_parameters(self.operation)
            for one in list_fields(parameter)
        ]
        joined = {one.mark.joined_to: one for one in found}
        return [
            one.join(joined[one.name]) if one.name in joined else one
            for one in found
            if not one.mark.is_hidden
            and (one.is_required or not self.command.sends or one.name in self.command.marks)
            and (one.is_argument or not (one.parameter.is_project and self.operation.needs.role))
        ]

    @property
    def _cleared(self) -> list[CommandField]:
        """Lists that an edit clears with a flag of their own, such as `--no-tags`."""
        is_edit = self.operation.method == "PATCH"
        taken = {one.option for one in self.fields}
        return [
            one
            for one in self.fields
            if is_edit and one.is_cleared_by_empty and one.clearing_option not in taken
        ]

    @property
    def _replaces(self) -> bool:
        """True if the object has to be new, unless `--force` replaces any version of it."""
        return self.operation.method == "PUT" and self.operation.edits

    def _adapt(self, field: CommandField) -> CommandField:
        """Return a field in the form that it has in this command."""
        mark = self.command.marks.get(field.name, field.mark)
        required = field.is_required or mark.is_required
        if field.parameter.is_project:
            mark = replace(mark, is_argument=self.names_project)
            required = self.operation.method != "GET"
        return replace(
            field,
            mark=mark,
            is_required=required and self.command.default is None,
            largest_body=self.operation.largest_body,
        )

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
                ["--file", "path"], type=make_path_type(), help="Read the text from this file."
            )
        for one in self._cleared:
            yield click.Option(
                [one.clearing_option, one.clearing_key], is_flag=True, help=f"Remove all {one.name}."
            )
        if self.command.usual:
            usual = " and ".join(
                name if value is True else f"{name} {' or '.join(value)}"
                for name, value in self.command.usual.items()
            )
            yield click.Option(
                ["--all", "everything"], is_flag=True, help=f"Everything; without it only: {usual}."
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
                ["--output", "-o", "output"],
                metavar="FILE",
                type=make_path_type(),
                help="File to write; -: standard output.",
            )
            yield click.Option(["--force"], is_flag=True, help="Overwrite the file.")
        if self._replaces:
            yield click.Option(
                ["--force"], is_flag=True, help="Replace what exists, which stays in its history."
            )
        if self.operation.method == "DELETE":
            yield click.Option(
                ["--yes"], is_flag=True, help="Do not ask for confirmation, as without a terminal."
            )

    def _run(self, command_user: CommandUser, as_json: bool, **given: Any) -> None:
        further = {name: given.pop(name) for name in _FURTHER if name in given}
        arguments = {one.name: given[one.key] for one in self.fields if one.key in given and one.is_argument}
        for second in self.fields:
            for one in self.fields:
                if one.name == second.mark.joined_to:
                    given[one.key], given[second.key] = one.split(given[one.key], second)
        if (output := further.get("output")) is not None:
            require_output_file(output, force=further["force"])
        self._clear(given)
        if self.command.default is not None and not any(given.values()):
            other = DerivedCommand(self.command.default, replace(self.command, default=None), self.texts)
            other._run(command_user, as_json)
            return
        named = given.get(f"{_PROJECT}__{_PROJECT}")
        if named:
            command_user = replace(command_user, project=named)
        with command_user.connect() as home:
            sent = self._bind(given, further, home)
            if self.operation.method == "DELETE" and not (further["yes"] or as_json) and sys.stdin.isatty():
                click.confirm(
                    f"{str(self.name).capitalize()} {self._describe_object({**sent, **arguments})}?",
                    abort=True,
                )
            answer, cursor = self._ask(home, sent, further, as_json=as_json)
            if isinstance(answer, list):
                self._show_list(home, answer, cursor, home.zone, sent, given, further, as_json=as_json)
            else:
                self._show(answer, home.zone, sent, further, as_json=as_json)

    def _describe_object(self, arguments: Mapping[str, Any]) -> str:
        """Return the kind and the argument of each parameter of the path, the object first and then what it is in."""
        parts = self.operation.path.split("/")
        named = [
            f"{get_singular(kind)} {part.format_map(arguments)}"
            for kind, part in pairwise(parts)
            if part.startswith("{")
        ]
        return " of ".join(reversed(named))

    def _ask(
        self, home: Transport, sent: Mapping[str, Any], further: Mapping[str, Any], *, as_json: bool
    ) -> tuple[Any, str | None]:
        """Return the printed part of the answer, and the cursor of the next page of a list."""
        operation = self.operation
        if operation.is_listed and not operation.holds_page:
            return self._list(home, sent, further)
        if self.command.limit is not None:
            operation = operation.paged(limit=further["limit"], after=further["after"])
        if self._replaces:
            operation = operation.at_version("*" if further["force"] else None)
        answer = self._ask_confirmed(home, operation, sent, as_json=as_json)
        return answer.printed if isinstance(answer, Document) else answer, None

    def _ask_confirmed(
        self, home: Transport, operation: Operation[..., Any], sent: Mapping[str, Any], *, as_json: bool
    ) -> Any:
        """Return the answer; on a terminal, an operation that needs the confirmation of its user is asked again with it."""
        try:
            return home.ask(operation, **sent)
        except UnconfirmedError as error:
            if as_json or not sys.stdin.isatty():
                raise
            print_message(str(error))
            if not click.confirm(f"{self.name} it?", err=True):
                raise
        body = sent["body"].model_copy(update={"confirmed": True})
        return home.ask(operation, **{**sent, "body": body})

    def _clear(self, given: dict[str, Any]) -> None:
        """Replace the flags that clear a list by an empty text."""
        for one in self._cleared:
            if given.pop(one.clearing_key):
                if given[one.key]:
                    raise InvalidInputError(f"use {one.option} or {one.clearing_option}, not both")
                given[one.key] = ("",)

    def _bind(self, given: Mapping[str, Any], further: Mapping[str, Any], home: Transport) -> dict[str, Any]:
        """Return the arguments of the operation."""
        found: dict[str, Any] = {}
        for parameter in list_parameters(self.operation):
            own = [one for one in self.fields if one.parameter == parameter]
            values = {one.name: one.read(given[one.key], further.get("path"), home.zone) for one in own}
            values = {name: value for name, value in values.items() if value is not ABSENT}
            if parameter.place is Place.BODY:
                values |= self.command.sends
            elif parameter.place in (Place.FILTERS, Place.QUERY):
                values = self._add_usual(values, parameter, further)
            if parameter.is_project and self.operation.needs.role:
                found[_PROJECT] = home.project_id
            elif parameter.place in (Place.FILTERS, Place.BODY):
                if not values and parameter.default is None:
                    continue
                if not values and self.operation.method == "PATCH":
                    raise InvalidInputError(f"nothing to change: use an option such as {own[-1].usage}")
                found[parameter.name] = _validate(parameter.model, values, own)
            elif values:
                found[parameter.name] = _validate(parameter.kind, values[parameter.name], own)
        return found

    def _add_usual(
        self, values: dict[str, Any], parameter: Parameter, further: Mapping[str, Any]
    ) -> dict[str, Any]:
        for one in list_fields(parameter):
            if one.name not in self.command.usual:
                continue
            if one.name in values and further["everything"]:
                raise InvalidInputError(f"use {self._adapt(one).option} or --all, not both")
            if one.name not in values and not further["everything"]:
                values[one.name] = self.command.usual[one.name]
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
        home: Transport,
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
            print_message(self._describe_empty_list(home, given, further).format_map(sent))

    def _describe_empty_list(
        self, home: Transport, given: Mapping[str, Any], further: Mapping[str, Any]
    ) -> str:
        by_usual = bool(self.command.usual) and not further["everything"]
        filtered = [
            one for one in self.fields if given[one.key] not in (None, (), False) and not one.is_argument
        ]
        if not (filtered or by_usual):
            first, role = self.command.first, home.role if self.command.first else None
            may_edit = role is not None and role.includes(ProjectRole.EDITOR)
            return f"{self.command.empty}: {first}" if may_edit else self.command.empty or "nothing found"
        by_usual = by_usual and not any(one.name in self.command.usual for one in filtered)
        noun = self.command.noun or self.operation.path.rpartition("/")[2].replace("-", " ")
        return f"no matching {noun}{': with --all, others are searched, too' if by_usual else ''}"

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
            if is_standard_output(further["output"]):
                return
        if as_json:
            emit_json({} if answer is None else answer)
        elif says := self.command.says or (self.operation.media_type and "{file} was written"):
            print_message(says.format_map({**sent, **dict(answer or {})}))
        elif self.command.name in self.texts:
            self.texts[self.command.name](answer, zone, sent)
        elif answer is not None:
            self.texts.get(type(answer), print_document)(answer, zone)


def _validate(kind: Any, value: Any, fields: Sequence[CommandField]) -> Any:
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
    if output is None or is_standard_output(output):
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
