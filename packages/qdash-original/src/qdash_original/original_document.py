"""Reader of one document of the original system, which records omitted fields."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note, Record
from qdash_core.models.chip import ParameterModel
from qdash_core.models.error_messages import find_first_error
from qdash_original import values
from qdash_original.task_units import find_scale
from qdash_original.unread_fields import find_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

T = TypeVar("T")
R = TypeVar("R", bound=Record)

_COMMON_FIELDS = {"_id", "revision_id", "_class_id", "system_info", "created_at", "updated_at", "project_id"}
"""Fields that every document has, or that only the original's document mapper needs."""
_ROLE_FIELDS = {"parameter_name", "qid_role"}
"""Fields of inputs and outputs that name the parameter of another target: inputs keep them, and tasks declare those of outputs."""


class UnreadableError(Exception):
    """Exception for a document that cannot be imported because of one field."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")


@dataclass(frozen=True, slots=True)
class Omission:
    """Omitted document, or field if its path is not empty, by collection and `_id`."""

    collection: str
    id: str
    field: str
    why: str


class OriginalDocument:
    """Document of the original system during its conversion.

    `project_id` is that of the records that are made from it; `units` are required ones of values, by name
    (`OriginalImport`).
    """

    def __init__(
        self,
        collection: str,
        document: Mapping[str, Any],
        *,
        project_id: str = "",
        units: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.collection = collection
        self.id = str(document.get("_id", ""))
        self.project_id = project_id
        self.units = units
        self.left_out: list[Omission] = []
        self._document = document
        self._read = set(_COMMON_FIELDS)

    def omit(self, field: str, why: str) -> None:
        """Record that a field, or with an empty path the whole document, is omitted."""
        self.left_out.append(Omission(self.collection, self.id, field, why))

    def get_raw(self, name: str) -> Any:
        """Return a field without conversion, or None if there is none."""
        self._read.add(name)
        return self._document.get(name)

    def read(self, name: str, convert: Callable[[object], T]) -> T | None:
        """Return a converted field, or None if it is absent or invalid, which is recorded as omitted."""
        value = self.get_raw(name)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError as error:
            self.omit(name, str(error))
            return None

    def require(self, name: str, convert: Callable[[object], T]) -> T:
        """Return a converted field; raise UnreadableError if it is absent or invalid."""
        value = self.get_raw(name)
        if value is None:
            raise UnreadableError(name, "it is missing")
        try:
            return convert(value)
        except ValueError as error:
            raise UnreadableError(name, str(error)) from error

    def read_mapping(
        self, name: str, convert: Callable[[str, Any], T], *, without: Collection[str] = ()
    ) -> dict[str, T]:
        """Return a mapping with converted entries, except those in `without`; record invalid ones as omitted."""
        value = self.get_raw(name) or {}
        if not isinstance(value, dict):
            self.omit(name, f"{values.shorten(value)} is not a mapping")
            return {}
        converted = {}
        for key, part in value.items():
            if key in without:
                continue
            try:
                converted[str(key)] = convert(f"{name}.{key}", part)
            except ValueError as error:
                self.omit(f"{name}.{key}", str(error))
        return converted

    def read_json_mapping(self, name: str) -> dict[str, Any]:
        """Return a mapping of any JSON values."""
        return self.read_mapping(name, lambda _path, part: values.json_value(part))

    def read_parameters(self, name: str, *, without: Collection[str] = ()) -> dict[str, ParameterModel]:
        """Return values with errors and units by parameter name, except those in `without`."""
        given = self.get_raw(name)
        siblings = {
            _get_parameter_name(str(key), part): part
            for key, part in (given.items() if isinstance(given, dict) else ())
        }

        def convert(path: str, part: Any) -> ParameterModel:
            return self._convert_parameter(path, part, siblings)

        return self.read_mapping(name, convert, without=without)

    def read_version(self, *, measured_at: datetime | None) -> dict[str, ParameterModel]:
        """Return the value of a version of a parameter by its name, or nothing if it cannot be read.

        Without the time of its measurement it has that of the version.
        """
        fields = ("value", "value_type", "unit", "error", "execution_id", "task_id")
        part = {field: self.get_raw(field) for field in fields}
        part["calibrated_at"] = measured_at or self.get_raw("valid_from")
        name = self.require("parameter_name", values.text)
        try:
            return {name: self._convert_parameter(f"value.{name}", part, {})}
        except ValueError as error:
            self.omit("value", str(error))
            return {}

    def read_note(self, name: str) -> Note:
        """Return a user's note, which is empty if there is none."""
        return self.read(name, convert_note) or Note()

    def make_record(self, model: type[R], fields: Mapping[str, Callable[[object], Any]], **known: Any) -> R:
        """Return a record made from the document.

        `fields` converts those with the same name in document and record, `known` has the others. Raises
        UnreadableError if a required field is missing, or one is invalid.
        """
        for name, convert in fields.items():
            if name not in known and (converted := self.read(name, convert)) is not None:
                known[name] = converted
        if "project_id" in model.model_fields:
            known.setdefault("project_id", self.project_id)
        if "username" in model.model_fields:
            known.setdefault("username", self.read("username", values.text) or "")
        try:
            return model.model_validate({**self.read_times(), **known})
        except ValidationError as error:
            raise UnreadableError(*find_first_error(error)) from error

    def read_times(self) -> dict[str, Any]:
        """Return the times of creation and of the last change; raise UnreadableError if neither is known."""
        info = self._document.get("system_info")
        fields = {**self._document, **(info if isinstance(info, dict) else {})}
        found = {}
        for name in ("created_at", "updated_at"):
            try:
                found[name] = values.timestamp(fields.get(name) or "")
            except ValueError as error:
                self.omit(f"system_info.{name}", str(error))
        created_at = found.get("created_at") or values.creation_time(self.id) or found.get("updated_at")
        if created_at is None:
            raise UnreadableError("system_info", "the time of creation is unknown")
        return {"created_at": created_at, "updated_at": found.get("updated_at") or created_at}

    def mark_read(self, *names: str) -> None:
        """Mark fields as read that are imported from elsewhere."""
        self._read.update(names)

    def omit_unread(self) -> None:
        """Record every unread field as omitted, except empty ones, defaults, and ids beside the name."""
        for name, value in self._document.items():
            if name not in self._read and (reason := find_reason(name, value)):
                self.omit(name, reason)

    def _convert_parameter(self, path: str, part: Any, siblings: Mapping[str, Any]) -> ParameterModel:
        """Return a parameter; an error of 0, which the original used for unknown errors, becomes absent."""
        if not isinstance(part, dict):
            raise InvalidInputError(f"{values.shorten(part)} is not a value with its unit")
        name = _get_parameter_name(path.partition(".")[2], part)
        given = {key: value for key, value in part.items() if value is not None}
        for key in sorted(given.keys() - ParameterModel.model_fields.keys() - _ROLE_FIELDS):
            self.omit(f"{path}.{key}", "QDash has no such field")
        written = values.unit(given.get("unit", ""))
        wanted = self.units.get(name)
        quantity = values.number(given.get("value"))
        error = self._standard_deviation(f"{path}.error", given.get("error"))
        scale = None if wanted is None else find_scale(wanted, name, quantity, written, siblings)
        if scale is not None:
            factor, unit = scale
            value, error = quantity * factor if factor != 1.0 else quantity, error and abs(error * factor)
        else:
            value, unit = values.convert_unit(wanted, name, quantity, written)
            error = error and values.convert_unit(wanted, name, error, written)[0]
        return ParameterModel(
            value=value,
            error=error,
            unit=unit,
            value_type=values.text(given.get("value_type", "float")),
            description=values.text(given.get("description", "")),
            calibrated_at=values.timestamp(given.get("calibrated_at", "")),
            execution_id=values.text(given.get("execution_id", "")),
            task_id=values.text(given.get("task_id", "")),
        )

    def _standard_deviation(self, path: str, value: object) -> float | None:
        if value is None:
            return None
        try:
            error = values.number(value)
        except ValueError as wrong:
            self.omit(path, str(wrong))
            return None
        if error < 0:
            self.omit(path, f"{error} is not a standard deviation")
        return error if error > 0 else None


def _get_parameter_name(key: str, part: Any) -> str:
    """Return the parameter of a value, which an input of a coupling's task stores under a name of its own."""
    named = part.get("parameter_name") if isinstance(part, dict) else None
    return named if isinstance(named, str) and named else key


def convert_note(value: object) -> Note:
    """Return a user's note; raise InvalidInputError if the value is not one."""
    if not isinstance(value, dict):
        raise InvalidInputError(f"{values.shorten(value)} is not a note")
    return Note(
        content=values.text(value.get("content") or ""),
        updated_by=values.text(value.get("updated_by") or ""),
        updated_at=values.timestamp(value.get("updated_at") or ""),
    )
