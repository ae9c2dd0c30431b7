"""Fields of operations on the command line: the form of each, and the value that is given."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from os import fstat
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

from qdash_cli.given_texts import read_given_text
from qdash_cli.period_options import parse_time_option
from qdash_core.documents.field_descriptions import describe_field
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.annotations import is_optional, iter_metadata, iter_parts
from qdash_core.operations.command import OnCommandLine
from qdash_core.operations.parameters import Place
from qdash_core.parsing.limits import describe_excess

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from qdash_core.operations.parameters import Parameter

ABSENT = object()


class _Text(click.types.StringParamType):
    """Text of an option; the help follows the error of a missing one."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str | None:
        return param.help if isinstance(param, click.Option) else None


@dataclass(frozen=True, slots=True)
class CommandField:
    """Field of an operation on the command line: a parameter, or a field of its filters or body."""

    parameter: Parameter
    name: str
    """Name of the field in a model, or of the parameter."""
    annotation: Any
    is_required: bool
    description: str
    default: Any
    mark: OnCommandLine
    largest_body: int = 0
    """Largest file of the operation, in bytes."""

    @property
    def key(self) -> str:
        """Name of the parameter of the command."""
        return f"{self.parameter.name}.{self.name}".replace(".", "__")

    @property
    def clearing_key(self) -> str:
        """Name of the flag that clears it."""
        return f"{self.key}__cleared"

    @property
    def clearing_option(self) -> str:
        """Option of this flag."""
        return f"--no-{self.name.replace('_', '-')}"

    @property
    def is_list(self) -> bool:
        return any(get_origin(one) in (list, tuple, dict) for one in _list_kinds(self.annotation))

    @property
    def is_cleared_by_empty(self) -> bool:
        """True if it is a list of an option, which an empty text clears."""
        is_mapping = any(get_origin(one) is dict for one in _list_kinds(self.annotation))
        return self.is_repeated and not self.is_argument and (not is_mapping or self.mark.parse is not None)

    @property
    def _is_cleared_by_none(self) -> bool:
        return self.is_time or (is_optional(self.annotation) and str not in _list_kinds(self.annotation))

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
        own = self.mark.is_argument or bool(self.mark.joined_to) or self.parameter.place is Place.RAW_BODY
        return own or (self.parameter.place is Place.PATH and not self.parameter.is_project)

    @property
    def option(self) -> str:
        """Name of the option, or the placeholder of the argument."""
        if self.is_argument:
            return self.metavar
        singular = get_singular(self.name) if self.is_repeated else self.name
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
        return (get_singular(self.name) if self.is_list else self.name.removesuffix("_id")).upper()

    def join(self, second: CommandField) -> CommandField:
        """Return the field with the form of the argument that it has together with a second one."""
        form = (
            f"{self.metavar}:{second.metavar}" if second.is_required else f"{self.metavar}[:{second.metavar}]"
        )
        return replace(self, mark=replace(self.mark, metavar=form))

    def split(self, text: str, second: CommandField) -> tuple[str, str | None]:
        """Return both values of an argument of two fields, None for an absent second one."""
        before, _, after = text.partition(":")
        if not before or (second.is_required and not after):
            raise InvalidInputError(f"{text!r}: write {self.metavar}")
        return before, after or None

    @property
    def usage(self) -> str:
        """Option with its value."""
        return self.option if self.is_flag else f"{self.option} {self.metavar}"

    def make(self) -> click.Parameter:
        """Return the parameter of the command."""
        if self.is_argument:
            metavar = self.metavar if self.is_required else f"[{self.metavar}]"
            return click.Argument(
                [self.key],
                type=make_path_type() if self.parameter.place is Place.RAW_BODY else None,
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
            is_single = self.default is False or "/" in self.option
            names = self.option if is_single else f"{self.option}/--no-{self.option[2:]}"
            return click.Option([names, self.key], is_flag=True, default=None, help=shown)
        metavar = f"{self.metavar}|-" if self.mark.is_long_text else self.metavar
        short = [f"-{self.mark.short}"] if self.mark.short else []
        return click.Option(
            [*short, self.option, self.key],
            type=_Text(),
            metavar=metavar,
            multiple=self.is_repeated,
            required=self.is_required and not self.mark.is_asked,
            help=shown,
        )

    def read(self, given: Any, path: Path | None, zone: ZoneInfo) -> Any:
        """Return a given value, or `ABSENT`. An empty text clears a list, and an optional field that is no text."""
        if self.mark.is_long_text:
            given = self._read_text(given, path)
        if self.mark.is_asked and not (given or "").strip():
            given = self._ask(given)
        if given is None or given == ():
            return _find_word(self.parameter) or ABSENT
        return self._convert(given, zone)

    def _convert(self, given: Any, zone: ZoneInfo) -> Any:
        if self.parameter.place is Place.RAW_BODY:
            return read_file(given, self.largest_body)
        if self.mark.parse is not None:
            return self.mark.parse(given)
        if self.mark.splits_commas:
            given = [stripped for one in given.split(",") if (stripped := one.strip())]
            if not given:
                raise InvalidInputError(f"{self.option}: name at least one")
        if self.is_list:
            return [one for one in given if one]
        if given == "" and self._is_cleared_by_none:
            return None
        if self.is_time:
            return parse_time_option(given, zone, option=self.option, ahead=self.mark.is_ahead)
        return given

    def _read_text(self, given: str | None, path: Path | None) -> str | None:
        found = read_given_text(given, path)
        if found is None and self.is_required:
            raise InvalidInputError(
                f"{self.metavar} is missing: write it, or - to read standard input, or use --file"
            )
        return found

    def _ask(self, given: str | None) -> str:
        if given is None and sys.stdin.isatty():
            return str(click.prompt(self.option[2:].capitalize(), err=True))
        raise InvalidInputError(f"a {self.name} is needed: {self.option} {self.metavar}")


def get_singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name.removesuffix('ies')}y"
    return name if name.endswith("us") else name.removesuffix("s")


def list_fields(parameter: Parameter) -> Iterator[CommandField]:
    if parameter.place in (Place.FILTERS, Place.BODY):
        model = parameter.model
        for name, field in model.model_fields.items():
            mark = _find_mark(field.metadata, field.annotation) or OnCommandLine()
            yield CommandField(
                parameter,
                name,
                field.annotation,
                field.is_required(),
                " ".join(describe_field(model, name).split()),
                field.default,
                mark,
            )
    else:
        described = (
            one.description for one in iter_metadata(parameter.kind) if getattr(one, "description", None)
        )
        own = getattr(parameter.kind, "__metadata__", ())
        mark = _find_mark(own, parameter.kind) or OnCommandLine()
        required = parameter.default is inspect.Parameter.empty and not _find_word(parameter)
        yield CommandField(
            parameter,
            parameter.name,
            parameter.kind,
            required,
            next(described, ""),
            parameter.default,
            mark,
        )


def _find_word(parameter: Parameter) -> str | None:
    """Return the word that a parameter of a path may be, such as `last`, which is its value if it is missing."""
    kinds = _list_kinds(parameter.kind)
    words = [word for one in kinds if get_origin(one) is Literal for word in get_args(one)]
    return words[0] if parameter.place is Place.PATH and len(words) == 1 < len(kinds) else None


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
    return [kind for kind in iter_parts(annotation) if kind is not NoneType]


def read_file(path: Path, most: int) -> bytes:
    """Return the contents of a file that a user names.

    Raises NotFoundError if there is no such file, InvalidInputError if it cannot be read, or has more bytes than an
    operation takes.
    """
    try:
        with path.open("rb") as opened:
            contents = opened.read(most + 1)
            if len(contents) <= most:
                return contents
            size = max(len(contents), fstat(opened.fileno()).st_size)
            raise InvalidInputError(describe_excess(str(path), size, most))
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}") from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error


def make_path_type() -> click.Path:
    from pathlib import Path

    return click.Path(path_type=Path)
