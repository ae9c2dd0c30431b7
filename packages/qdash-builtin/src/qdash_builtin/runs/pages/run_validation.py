"""Values of the form of a run, their validation by the rules of the host, and the request made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from qdash_core.errors import InvalidInputError
from qdash_core.models.ids import check_tag
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.strategies import StrategySelection
from qdash_core.models.targets import split_coupling
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import REQUEST_BODY
from qdash_core.tasks.run_parameters import RunParameter
from qdash_core.values.scopes import check_scope_name
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.target_lists import parse_target_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import JsonValue

    from qdash_builtin.runs.pages.runnable import Runnable
    from qdash_builtin.runs.views.tasks import RunParameterDocument
    from qdash_core.tasks.run_parameters import ValueType
    from qdash_ui_streamlit.display.target_lists import ChipTargets, Kind

T = TypeVar("T")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

TARGETS, TAGS, SCOPE = "targets", "tags", "scope"
"""Names of the fields of every form."""
_LARGEST_PLAIN = 1e7
"""Limit above which numbers are written as powers of ten."""


@dataclass(frozen=True, slots=True)
class RunFormValues:
    """Values of the form.

    Parameters
    ----------
    targets : str
        Targets as typed: `0..3, Q07` or `0-1, 3-2`; empty: all.
    only : sequence of str
        Conditions; a target must meet one of them; empty: none.
    values : mapping
        Text or choice by parameter name; None or empty text for the default.
    tags : str
        As typed, separated by commas.
    saved : bool
        Whether accepted values become the chip's, or those of the value scope.
    scope : str
        Value scope as typed; empty: none.
    repeat : bool
        Whether a result that is flagged only as a jump is measured once more.
    """

    targets: str = ""
    only: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: str = ""
    saved: bool = True
    scope: str = ""
    repeat: bool = True
    scheduling: StrategySelection = field(default_factory=StrategySelection)


@dataclass(frozen=True, slots=True)
class ValidatedRunForm:
    """Validated form: the request, or the errors by field name."""

    request: RunRequest | None
    problems: Mapping[str, str]


def validate_run_form(filled: RunFormValues, chip: ChipTargets, runnable: Runnable) -> ValidatedRunForm:
    """Return the request of a form, or its errors by field; the rules are those of the host."""
    problems: dict[str, str] = {}
    selection = _collect_problem(problems, TARGETS, partial(select_targets, filled, runnable.kind, chip))
    tags = _collect_problem(problems, TAGS, lambda: parse_tags(filled.tags))
    scope = _collect_problem(problems, SCOPE, lambda: parse_scope(filled.scope))
    values = {}
    for name, declared in runnable.fields.items():
        given = filled.values.get(name)
        if given is not None and given != "":
            values[name] = _collect_problem(
                problems, make_value_field_name(name), partial(parse_value, name, given, declared)
            )
        elif name in runnable.required:
            problems[make_value_field_name(name)] = "a value is required"
    if problems:
        return ValidatedRunForm(None, problems)
    fields = {"parameters": values} if runnable.is_user_flow else {"run_parameters": values}
    request = RunRequest(
        chip_id=chip.chip_id,
        flow=runnable.name,
        targets=selection,
        only=tuple(filled.only),
        saved=filled.saved,
        scope=scope,
        repeat=filled.repeat,
        scheduling=filled.scheduling,
        tags=tags,
        **fields,
    )
    return ValidatedRunForm(request, {})


def make_value_field_name(name: str) -> str:
    """Return the field name of a parameter."""
    return f"value.{name}"


def parse_value(name: str, given: object, declared: RunParameterDocument) -> JsonValue:
    """Return the parsed value of a parameter.

    Raises
    ------
    InvalidInputError
        If it has the wrong type or is out of range.
    """
    if declared.value_type == "json":
        try:
            return cast("JsonValue", parse_json(str(given), limits=REQUEST_BODY))
        except InvalidInputError as error:
            raise InvalidInputError(f"{name}: {error}") from None
    value = make_run_parameter(declared).override(name, given).value
    return list(value) if isinstance(value, tuple) else cast("JsonValue", value)


def is_default(name: str, given: object, declared: RunParameterDocument) -> bool:
    """Return whether a value as typed is that of the parameter without it; None and empty text are."""
    if given is None or given == "":
        return True
    try:
        return bool(parse_value(name, given, declared) == declared.value)
    except InvalidInputError:
        return False


def select_targets(filled: RunFormValues, kind: Kind, chip: ChipTargets) -> TargetSelection:
    """Return the typed targets, or all of their kind if none is typed.

    Raises
    ------
    InvalidInputError
        If one is not a target of the kind or not on the chip.
    """
    if kind == "chip":
        return TargetSelection()
    found: Sequence[str] = parse_target_list(filled.targets, kind, chip)
    of_couplings = kind == "coupling" or any("-" in one for one in found)
    if of_couplings and not all("-" in one for one in found):
        raise InvalidInputError("name qubits or couplings, not both: a run measures one kind")
    if of_couplings:
        return TargetSelection(couplings=tuple(found))
    return TargetSelection(qubits=tuple(found) or None)


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the typed tags; raise InvalidInputError if one is invalid."""
    tags = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for tag in tags:
        check_tag(tag)
    return tags


def parse_scope(text: str) -> str | None:
    """Return the typed value scope, or None if none is typed; raise InvalidInputError if it is no name of one."""
    name = text.strip()
    if not name:
        return None
    check_scope_name(name)
    return name


def select_fitting_targets(targets: Sequence[str], kind: Kind, chip: ChipTargets) -> list[str]:
    """Return the selected targets of a kind, including couplings between qubits, or qubits of couplings.

    If both are selected, a flow takes the qubits.
    """
    qubits = [one for one in targets if "-" not in one]
    couplings = [one for one in targets if "-" in one]
    match kind:
        case "chip":
            return []
        case "coupling":
            within = [one for one in chip.couplings if set(split_coupling(one)) <= set(qubits)]
            return list(dict.fromkeys([*couplings, *within]))
        case "qubit":
            return qubits or list(dict.fromkeys(end for one in couplings for end in split_coupling(one)))
        case "either":
            return qubits or couplings


def make_run_parameter(document: RunParameterDocument) -> RunParameter:
    """Return the run parameter of the core that validates values of a document."""
    return RunParameter(
        value=document.value,
        value_type=cast("ValueType", document.value_type),
        unit=document.unit,
        minimum=document.minimum,
        maximum=document.maximum,
        choices=document.choices,
        description=document.description,
    )


def describe_allowed_values(document: RunParameterDocument) -> str:
    """Return a description of the valid values of a run parameter: type, range and unit."""
    kind = {"int": "integer", "float": "number", "list": "numbers separated by commas"}.get(
        document.value_type, document.value_type
    )
    ends = [
        f"{word} {_format_number(end)}"
        for word, end in (("from", document.minimum), ("to", document.maximum))
        if end is not None
    ]
    comma = "," if ends and document.value_type == "list" else ""
    text = " ".join([f"{kind}{comma}", *ends])
    if not document.unit:
        return text
    return f"{text}{_NO_BREAK_SPACE if ends else ' in '}{format_unit(document.unit)}"


def _format_number(number: float) -> str:
    return (
        str(int(number))
        if number == int(number) and abs(number) < _LARGEST_PLAIN
        else f"{number:g}".replace("e+0", "e")
    )


def format_default(document: RunParameterDocument) -> str:
    """Return the default of a run parameter as text."""
    value = document.value
    if value is None:
        return "chosen by the task"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _collect_problem(problems: dict[str, str], name: str, make: Callable[[], T]) -> T | None:
    """Return the result of a function, or None if it raises, with the error added to the problems."""
    try:
        return make()
    except InvalidInputError as error:
        problems[name] = str(error).removeprefix(f"{name.removeprefix('value.')}: ")
        return None
