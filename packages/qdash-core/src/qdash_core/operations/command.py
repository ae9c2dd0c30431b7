"""Declaration of the commands of operations, and of the form of their fields on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        of `options`.
    options : mapping
        Forms of fields in this command instead of their own, such as `{"to": OnCommandLine(is_required=True)}`.
    default : Operation or None
        Operation without parameters that the command asks if its argument is absent.
    names_project : bool
        Whether an argument names the project, rather than the option `--project`.
    says : str
        Sentence for the answer, with its fields and the arguments, such as `issue {issue_id} was deleted`; empty to show
        the answer.
    empty : str
        Sentence for a list without items, with the arguments.
    hidden : str
        Sentence for a list without items that `usual` may hide; empty for `empty`.
    no_match : str
        Sentence for a list without items that match the given filters; empty for `empty`.
    limit : int or None
        Usual number of items of a list, with the options `--limit` and `--after`; None lists all.
    usual : mapping
        Values of filters unless they or `--all` are given.
    """

    name: str
    says: str = ""
    help: str = ""
    sends: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, OnCommandLine] = field(default_factory=dict)
    default: Any = None
    names_project: bool = False
    empty: str = ""
    hidden: str = ""
    no_match: str = ""
    limit: int | None = None
    usual: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class OnCommandLine:
    """Form of a field on the command line, as a part of its annotation; its defaults follow from the field.

    Parameters
    ----------
    name : str
        Name of the option, without dashes; by default that of the field in the singular, without `_id`. A flag may have two,
        such as `share/--private`.
    metavar : str
        Placeholder of the value.
    help : str
        Help of the option; by default the description of the field.
    is_argument : bool
        Whether it is an argument.
    is_required : bool or None
        Whether the command requires it; None: if the operation does.
    is_hidden : bool
        Whether commands do not have it.
    is_long_text : bool
        Whether `-` reads the value from standard input, and `--file` from a file.
    is_asked : bool
        Whether a missing value is asked for on a terminal, and is an error without one.
    splits_commas : bool
        Whether one value has all entries of a list, separated by commas.
    cleared_by : str
        Name of a flag that clears a list, without dashes, such as `no-tags`; empty: only an empty text clears it.
    """

    name: str = ""
    metavar: str = ""
    help: str = ""
    is_argument: bool = False
    is_required: bool | None = None
    is_hidden: bool = False
    is_long_text: bool = False
    is_asked: bool = False
    splits_commas: bool = False
    cleared_by: str = ""
