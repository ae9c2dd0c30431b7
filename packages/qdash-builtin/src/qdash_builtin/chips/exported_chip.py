"""Import of exported chips, with every id and name validated before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PlainValidator, StringConstraints, ValidationError, model_validator

from qdash_builtin.chips.design_files import parse_design_document
from qdash_builtin.chips.document_parser import parse_document
from qdash_builtin.chips.topology_files import parse_topology
from qdash_builtin.request_parts.given_time import GivenTime  # noqa: TC001  pydantic reads the fields
from qdash_core.chips.parts import ChipParts
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Value
from qdash_core.models.chip import ParameterModel, TargetStatus, WiringModel
from qdash_core.models.error_messages import add_fault_count, describe_error, find_first_error
from qdash_core.models.estimates import LARGEST_NUMBER, Parameter, is_usable_number
from qdash_core.models.fault_limit import ENTRY, MOST_FAULTS, FewFaults
from qdash_core.models.targets import split_coupling
from qdash_core.parsing.limits import JSON_EXPORT
from qdash_core.parsing.text_error import join_errors

if TYPE_CHECKING:
    from qdash_builtin.values.gate import ValueGate
    from qdash_core.chips.topology import Topology

_SUBJECT = "the exported chip"
_OF_TARGETS = ("qubits", "couplings")
_MOST_QUBITS = 10_000
_LARGEST_INTEGER = 2**53
_NOT_READ = frozenset({"trust", "reasons", "marks", "mark_reasons"})
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,99}$")]
_Id = Annotated[str, StringConstraints(max_length=100)]


def _require_number(value: object) -> float | int:
    """Return a number; others are described in one sentence, where a union of types has one for each."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_usable_number(value):
        raise ValueError(f"it has to be a finite number of at most {LARGEST_NUMBER:g}")
    return value if isinstance(value, float) or abs(value) <= _LARGEST_INTEGER else float(value)


def _require_deviation(value: object) -> float:
    number = float(_require_number(value))
    if number < 0:
        raise ValueError("a standard deviation is not negative")
    return number


class ExportedValue(FewFaults, Value):
    """A value in the format of `ChipValuesDocument`."""

    value: Annotated[float | int, PlainValidator(_require_number)]
    error: Annotated[float, PlainValidator(_require_deviation)] | None = None
    unit: Annotated[str, StringConstraints(max_length=32)] = ""
    calibrated_at: GivenTime | None = None
    execution_id: _Id = ""
    task_id: _Id = ""
    simulated: Annotated[bool, Field(strict=True)] | None = None
    condition: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_marks(cls, known: Any) -> Any:
        """Leave out trust and marks, which are computed, never imported."""
        return {k: v for k, v in known.items() if k not in _NOT_READ} if isinstance(known, dict) else known

    def to_parameter(self) -> ParameterModel:
        """Return the value as it is stored with a target."""
        kind = "int" if isinstance(self.value, int) else "float"
        return ParameterModel(value_type=kind, **dict(self))


_Target = Annotated[_Id, ENTRY]
_Values = dict[_Target, Annotated[dict[Annotated[_Name, ENTRY], ExportedValue], ENTRY]]


class ExportedChip(FewFaults, Value):
    """A chip in the format of `documents.chip_export.export`."""

    chip_id: _Id
    project_id: _Id = ""
    backend: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    size: int
    topology: dict[str, Any]
    wiring: WiringModel | None = None
    design: dict[str, Any] = Field(default={})
    controls: dict[_Target, _Target] = Field(default={})
    """Control qubit by coupling, for couplings with a chosen direction."""
    status: dict[_Target, Annotated[TargetStatus, ENTRY]] = Field(default={})
    """Status of the targets that are not pending."""
    qubits: _Values = Field(default={})
    couplings: _Values = Field(default={})
    simulated_time: GivenTime | None = None
    """Time of the home that exported the chip, if its clock was simulated; it is not imported."""


class InvalidValuesError(InvalidInputError):
    """Error of an exported chip that is valid except for the form of some values.

    Parameters
    ----------
    errors : list of (int, str)
        Line of each, 0 if unknown, and the text with its place.
    chip : ExportedChip
        The chip without these values.
    """

    def __init__(self, errors: list[tuple[int, str]], chip: ExportedChip) -> None:
        super().__init__(str(join_errors(_SUBJECT, [said for _, said in errors])))
        self.errors = errors
        self.chip = chip


def parse_export(exported: str | bytes) -> ExportedChip:
    """Return the exported chip in a JSON or YAML text, or in its UTF-8 bytes.

    Raises
    ------
    InvalidInputError
        If it is neither JSON nor YAML, too large or too deeply nested, or a field is missing, unknown or of
        the wrong type. The message is one line and names every such field and its line. An
        `InvalidValuesError` if these are values of targets only.
    """
    text = _decode(exported)
    document = parse_document(text, limits=JSON_EXPORT)
    try:
        return ExportedChip.model_validate(document)
    except ValidationError as error:
        errors = _describe_errors(error, text)
        if not _remove_values(document, error):
            raise join_errors(_SUBJECT, [said for _, said in errors]) from None
    raise InvalidValuesError(errors, ExportedChip.model_validate(document))


def validate_parts(exported: ExportedChip) -> ChipParts:
    """Return the parts of an exported chip, validated against one another. Its values are still to pass the gate of values.

    Raises
    ------
    InvalidInputError
        If a part does not fit the others. The message is one line and names it.
    """
    topology = parse_topology(exported.topology)
    if not len(topology.qubits) == exported.size <= _MOST_QUBITS:
        raise InvalidInputError(
            f"size is {exported.size}, and the topology has {len(topology.qubits)} qubits; "
            f"{_MOST_QUBITS} are possible"
        )
    _check_parts(exported, topology)
    values = {
        target: {name: value.to_parameter() for name, value in known.items()}
        for target, known in {**exported.qubits, **exported.couplings}.items()
    }
    return ChipParts(
        topology,
        chip_id=exported.chip_id,
        backend=exported.backend,
        wiring=exported.wiring,
        design=parse_design_document(exported.design) if exported.design else {},
        controls=exported.controls,
        status=exported.status,
        values=values,
    )


def _check_parts(exported: ExportedChip, topology: Topology) -> None:
    """Raise an error if an entry names an unknown target or an impossible direction."""
    qubits, couplings = {*topology.qids}, {*topology.couplings}
    for field, named, known in (
        ("qubits", exported.qubits, qubits),
        ("couplings", exported.couplings, couplings),
        ("controls", exported.controls, couplings),
        ("status", exported.status, qubits | couplings),
    ):
        if unknown := next((target for target in named if target not in known), None):
            raise InvalidInputError(f"{field}.{unknown}: the topology has no such target")
    for coupling, control in exported.controls.items():
        if control not in split_coupling(coupling):
            raise InvalidInputError(f"controls.{coupling}: qubit {control} is not part of it")


def _remove_values(document: Any, error: ValidationError) -> bool:
    """Remove the invalid values of targets; return False, without a change, if anything else is invalid or there are too many."""
    if error.error_count() > MOST_FAULTS:
        return False
    places = [
        one["loc"] for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    if not all(_is_value(document, place) for place in places):
        return False
    for field, target, name in {place[:3] for place in places}:
        del document[field][target][name]
    return True


def _is_value(document: Any, place: tuple[int | str, ...]) -> bool:
    """Return whether an error is within a value of a target."""
    if len(place) < 3 or place[0] not in _OF_TARGETS:
        return False
    values = document[place[0]].get(place[1])
    return isinstance(values, dict) and place[2] in values


def _describe_errors(error: ValidationError, text: str) -> list[tuple[int, str]]:
    """Return line and text of each error, in order of their lines; only the first if there are too many."""
    from qdash_core.parsing.yaml_parser import (  # imports PyYAML only for a message
        find_entry_lines,
        find_line_of_key,
    )

    if error.error_count() > MOST_FAULTS:
        place, why = find_first_error(error)
        return [(0, add_fault_count(f"{place}: {why}" if place else why, error.error_count()))]
    lines, found = find_entry_lines(text), set()
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(map(str, one["loc"]))
        line = find_line_of_key(lines, place) or 0
        found.add(
            (line, f"{f'line {line}: ' if line else ''}{f'{place}: ' if place else ''}{describe_error(one)}")
        )
    return sorted(found)


def _decode(exported: str | bytes) -> str:
    # Check the size before decoding, since the input may be arbitrarily large.
    if len(exported) > JSON_EXPORT.size:
        raise InvalidInputError(
            f"an exported chip of {len(exported)} bytes is too large: {JSON_EXPORT.size} are possible in JSON"
        )
    try:
        return (exported if isinstance(exported, str) else exported.decode()).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"the exported chip is no text in UTF-8: {error}") from None


def admit_parts(parts: ChipParts, gate: ValueGate) -> ChipParts:
    """Return a chip with every value in its declared unit; raise InvalidInputError with all impossible values."""
    problems: list[str] = []
    estimates: dict[str, dict[str, Parameter]] = {}
    for target, had in parts.values.items():
        for name, known in had.items():
            given = Parameter(known.value, known.error, known.unit)
            try:
                admitted = gate.admit(target, name, given, known.calibrated_at)
            except InvalidInputError as error:
                problems.append(f"{'couplings' if '-' in target else 'qubits'}.{target}.{name}: {error}")
            else:
                estimates.setdefault(target, {})[name] = admitted
    if problems:
        raise join_errors(_SUBJECT, problems)
    return parts.with_estimates(estimates)
