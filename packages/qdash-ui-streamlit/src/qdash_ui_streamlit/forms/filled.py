"""What somebody filled into the form of a run, checked as the host checks it, and the request that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from qdash_core.errors import InvalidInputError
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.targets import parse_couplings, parse_qubits, qubits_of
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import REQUEST_BODY
from qdash_core.projects.tags import check_tag
from qdash_core.tasks.run_parameters import RunParameter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pydantic import JsonValue

    from qdash_core.documents.tasks import RunParameterDocument
    from qdash_core.tasks.run_parameters import ValueType
    from qdash_ui_streamlit.forms.runnable import Kind, Runnable

T = TypeVar("T")

TARGETS, TAGS = "targets", "tags"
"""Names of the fields that every form has."""
_LONG = 1e7
"""Larger numbers are read as powers of ten."""


@dataclass(frozen=True, slots=True)
class ChipTargets:
    """The qubits and couplings that a chip has, in order of number."""

    chip_id: str
    qubits: Collection[str]
    couplings: Collection[str]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Of targets only some: in words what these are, and which."""

    words: str
    meant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form.

    Parameters
    ----------
    targets : str
        As typed: `0,1,Q07` or `0-1,3-2`; empty: all.
    only : Narrowing or None
        Of these only some; None: every one.
    values : mapping
        Text or choice by name of what can be told; None and empty text: as it is if nothing is said.
    tags : str
        As typed: separated by commas.
    saved : bool
        Whether accepted values become the chip's.
    """

    targets: str = ""
    only: Narrowing | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: str = ""
    saved: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """A form that was checked: the request, or what is wrong by the name of the field."""

    request: RunRequest | None
    problems: Mapping[str, str]


def checked(filled: Filled, chip: ChipTargets, runnable: Runnable) -> Checked:
    """Return the request that a form makes, or what is wrong with which field: the rules are those of the host.

    Parameters
    ----------
    filled : Filled
        What stands in it.
    chip : ChipTargets
        What the chip has.
    runnable : Runnable
        What is to be run.
    """
    problems: dict[str, str] = {}
    selection = _tried(problems, TARGETS, partial(selected, filled, runnable.kind, chip))
    tags = _tried(problems, TAGS, lambda: tags_of(filled.tags))
    values = {}
    for name, declared in runnable.fields.items():
        given = filled.values.get(name)
        if given is not None and given != "":
            values[name] = _tried(problems, of_value(name), partial(value_of, name, given, declared))
        elif name in runnable.required:
            problems[of_value(name)] = "has to be given"
    if problems:
        return Checked(None, problems)
    told = {"parameters": values} if runnable.written else {"run_parameters": values}
    request = RunRequest(
        chip_id=chip.chip_id, flow=runnable.name, targets=selection, saved=filled.saved, tags=tags, **told
    )
    return Checked(request, {})


def of_value(name: str) -> str:
    """Return the name of the field of something that can be told."""
    return f"value.{name}"


def value_of(name: str, given: object, declared: RunParameterDocument) -> JsonValue:
    """Return what is sent of something that can be told.

    Raises
    ------
    InvalidInputError
        If it is not of its type, or out of range.
    """
    if declared.value_type == "json":
        try:
            return cast("JsonValue", parse_json(str(given), limits=REQUEST_BODY))
        except InvalidInputError as error:
            raise InvalidInputError(f"{name}: {error}") from None
    value = declaration(declared).override(name, given).value
    return list(value) if isinstance(value, tuple) else cast("JsonValue", value)


def selected(filled: Filled, kind: Kind, chip: ChipTargets) -> TargetSelection:
    """Return the targets that are typed, none being all of their kind, and of these only some where that is wanted.

    Raises
    ------
    InvalidInputError
        If something is no target of the kind or not on the chip, or none is left.
    """
    typed = filled.targets.strip().strip(",").strip()
    if kind == "chip":
        return TargetSelection()
    of_couplings = kind == "coupling" or (kind == "either" and "-" in typed)
    there = chip.couplings if of_couplings else chip.qubits
    found: Sequence[str] = (parse_couplings(typed) if of_couplings else parse_qubits(typed)) if typed else ()
    if missing := [one for one in found if one not in there]:
        raise InvalidInputError(f"chip {chip.chip_id} has no {', '.join(missing)}")
    if filled.only is not None:
        found = [one for one in found or there if one in filled.only.meant]
        if not found:
            raise InvalidInputError(f"none of these is {filled.only.words}")
    if of_couplings:
        return TargetSelection(couplings=tuple(found))
    return TargetSelection(qubits=tuple(found) or None)


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags that are typed; InvalidInputError where one cannot be."""
    tags = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for tag in tags:
        check_tag(tag)
    return tags


def fitting(targets: Sequence[str], kind: Kind, chip: ChipTargets) -> list[str]:
    """Return what of chosen targets something is run on: of qubits the couplings between them, of couplings their qubits.

    A flow takes qubits where both are chosen.
    """
    qubits = [one for one in targets if "-" not in one]
    couplings = [one for one in targets if "-" in one]
    match kind:
        case "chip":
            return []
        case "coupling":
            within = [one for one in chip.couplings if set(qubits_of(one)) <= set(qubits)]
            return list(dict.fromkeys([*couplings, *within]))
        case "qubit":
            return qubits or list(dict.fromkeys(end for one in couplings for end in qubits_of(one)))
        case "either":
            return qubits or couplings


def declaration(document: RunParameterDocument) -> RunParameter:
    """Return a run parameter as the core checks values of it."""
    return RunParameter(
        value=document.value,
        value_type=cast("ValueType", document.value_type),
        unit=document.unit,
        minimum=document.minimum,
        maximum=document.maximum,
        choices=document.choices,
        description=document.description,
    )


def allowed(document: RunParameterDocument) -> str:
    """Return in words what a run parameter may be: type, range and unit."""
    kind = {"int": "whole number", "float": "number", "list": "numbers, separated by commas"}.get(
        document.value_type, document.value_type
    )
    ends = [
        f"{word} {_plain(end)}"
        for word, end in (("from", document.minimum), ("to", document.maximum))
        if end is not None
    ]
    comma = "," if ends and document.value_type == "list" else ""
    return " ".join([f"{kind}{comma}", *ends, *([document.unit] if document.unit else [])])


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < _LONG else f"{number:g}"


def usual(document: RunParameterDocument) -> str:
    """Return what a run parameter is if nothing is said."""
    value = document.value
    if value is None:
        return "the task chooses"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _tried(problems: dict[str, str], name: str, make: Callable[[], T]) -> T | None:
    """Return what is made; None where that is refused, with the reason among the problems."""
    try:
        return make()
    except InvalidInputError as error:
        problems[name] = str(error).removeprefix(f"{name.removeprefix('value.')}: ")
        return None
