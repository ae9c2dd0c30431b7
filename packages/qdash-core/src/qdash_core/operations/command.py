"""Declaration of the commands of operations, and of the form of their fields on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Command:
    """Command of an operation, which is derived: parameters of the path are arguments, other fields are options.

    Parameters
    ----------
    name : str
        Group and command, such as `issue list`.
    help : str
        Help of the command; by default the description of the operation.
    sends : mapping
        Values of fields of the body that the command always sends. Then only required fields are its parameters, and those
        of `marks`.
    default : Operation or None
        Operation without parameters that the command asks if its argument is absent.
    in_project : bool
        Whether it has the option `--project` although it needs no role in a project.
    says : str
        Sentence for the answer, with its fields and the arguments, such as `issue {issue_id} was deleted`; for a file with
        `{file}` and `{bytes}`. Empty to show the answer.
    empty : str
        Sentence for a list without items although nothing is filtered, with the arguments.
    limit : int or None
        Usual number of items of a list, with the options `--limit` and `--after`; None lists all.
    more : str
        Option that continues a list after its last item, with the fields of this item, such as `--before {number}`; empty
        for `--after`.
    usual : mapping
        Values of filters unless they or `--all` are given.
    marks : mapping
        Forms of fields that this command has in another form than their model says, by the name of the field.
    noun : str
        Noun of the items of a list, in the plural; by default the last part of the path.
    first : str
        How editors create the first item of an empty list, which other users are not told: it follows `empty` and a colon.
    """

    name: str
    says: str = ""
    help: str = ""
    sends: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    in_project: bool = False
    empty: str = ""
    limit: int | None = None
    more: str = ""
    usual: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, OnCommandLine] = field(default_factory=dict)
    noun: str = ""
    first: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnCommandLine:
    """Form of a field on the command line, as a part of its annotation; its defaults follow from the field.

    Parameters
    ----------
    name : str
        Name of the option, without dashes; by default that of the field in the singular, without `_id`. A flag may have two,
        such as `share/--private`.
    short : str
        Letter of the option, if it has one.
    joined_to : str
        Field before it in one argument with a colon, such as `ROOT:PATH`; empty for an option or argument of its own.
    help : str
        Help of the option; by default the description of the field.
    is_required : bool
        Whether the command requires it although the operation does not.
    is_hidden : bool
        Whether commands do not have it.
    is_long_text : bool
        Whether `-` reads the value from standard input, and `--file` from a file.
    is_asked : bool
        Whether a missing value is asked for on a terminal, and is an error without one.
    splits_commas : bool
        Whether one value has all entries of a list, separated by commas.
    is_ahead : bool
        Whether a duration is a time after now, not before.
    parse : callable or None
        Function of the given text, or of those of a list or mapping, that returns the value.
    """

    name: str = ""
    short: str = ""
    joined_to: str = ""
    metavar: str = ""
    help: str = ""
    is_argument: bool = False
    is_required: bool = False
    is_hidden: bool = False
    is_long_text: bool = False
    is_asked: bool = False
    splits_commas: bool = False
    is_ahead: bool = False
    parse: Callable[[Any], Any] | None = None
