"""Reader of one document of the original system, which lists omitted fields."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note, Record
from qdash_core.models.chip import ParameterModel
from qdash_core.models.complaints import first_complaint
from qdash_original import values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

T = TypeVar("T")
R = TypeVar("R", bound=Record)

_NOT_OURS = {"_id", "revision_id", "_class_id", "system_info", "created_at", "updated_at", "project_id"}
"""Read by everyone, or bookkeeping of the original's document mapper."""


class UnreadableError(Exception):
    """A document that cannot be brought over at all, because of one field."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not brought over.

    Parameters
    ----------
    collection, id : str
        The document, by its `_id`.
    field : str
        Which part of it; empty: the whole document.
    why : str
        What is wrong with it.
    """

    collection: str
    id: str
    field: str
    why: str


class OriginalDocument:
    """One document on its way.

    Parameters
    ----------
    collection : str
        Where it lies.
    document : mapping
        As it is there.
    project_id : str
        The project it belongs to, here.
    units : mapping of str to str
        Of values by name, where one is wanted: see `OriginalImport`.
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
        self.left_out: list[LeftOut] = []
        self._document = document
        self._read = set(_NOT_OURS)

    def leave_out(self, field: str, why: str) -> None:
        """Note that a part is not brought over."""
        self.left_out.append(LeftOut(self.collection, self.id, field, why))

    def raw(self, name: str) -> Any:
        """Return a field as it is; None where there is none."""
        self._read.add(name)
        return self._document.get(name)

    def take(self, name: str, convert: Callable[[object], T]) -> T | None:
        """Return a field converted; None where there is none, or it cannot be, which is noted."""
        value = self.raw(name)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError as error:
            self.leave_out(name, str(error))
            return None

    def need(self, name: str, convert: Callable[[object], T]) -> T:
        """Return a field converted; UnreadableError where there is none, or it cannot be."""
        value = self.raw(name)
        if value is None:
            raise UnreadableError(name, "it is missing")
        try:
            return convert(value)
        except ValueError as error:
            raise UnreadableError(name, str(error)) from error

    def table(
        self, name: str, convert: Callable[[str, Any], T], *, without: Collection[str] = ()
    ) -> dict[str, T]:
        """Return a mapping with each of its entries but those of `without` converted; those that cannot be are noted."""
        value = self.raw(name) or {}
        if not isinstance(value, dict):
            self.leave_out(name, f"{values.shown(value)} is not a mapping")
            return {}
        converted = {}
        for key, part in value.items():
            if key in without:
                continue
            try:
                converted[str(key)] = convert(f"{name}.{key}", part)
            except ValueError as error:
                self.leave_out(f"{name}.{key}", str(error))
        return converted

    def plain_table(self, name: str) -> dict[str, Any]:
        """Return a mapping of any JSON."""
        return self.table(name, lambda _path, part: values.plain(part))

    def parameters(self, name: str, *, without: Collection[str] = ()) -> dict[str, ParameterModel]:
        """Return a mapping of parameter names to values with errors and units, but for those of `without`."""
        return self.table(name, self._parameter, without=without)

    def note(self, name: str) -> Note:
        """Return a note that a person wrote."""
        return self.take(name, as_note) or Note()

    def record(self, model: type[R], fields: Mapping[str, Callable[[object], Any]], **known: Any) -> R:
        """Return one of our records.

        Parameters
        ----------
        model : type of Record
            Which.
        fields : mapping of str to callable
            Its fields that have the same name here and there, and how they are converted.
        **known : value
            Further fields.

        Raises
        ------
        UnreadableError
            If a field that it needs is missing, or one is not what the model takes.
        """
        for name, convert in fields.items():
            if name not in known and (converted := self.take(name, convert)) is not None:
                known[name] = converted
        if "project_id" in model.model_fields:
            known.setdefault("project_id", self.project_id)
        if "username" in model.model_fields:
            known.setdefault("username", self.take("username", values.text) or "")
        try:
            return model.model_validate({**self.times(), **known})
        except ValidationError as error:
            raise UnreadableError(*first_complaint(error)) from error

    def times(self) -> dict[str, Any]:
        """Return when the document was made and changed; UnreadableError where nothing tells."""
        info = self._document.get("system_info")
        there = {**self._document, **(info if isinstance(info, dict) else {})}
        found = {}
        for name in ("created_at", "updated_at"):
            try:
                found[name] = values.moment(there.get(name) or "")
            except ValueError as error:
                self.leave_out(f"system_info.{name}", str(error))
        made = found.get("created_at") or values.made_at(self.id) or found.get("updated_at")
        if made is None:
            raise UnreadableError("system_info", "nothing says when the document was made")
        return {"created_at": made, "updated_at": found.get("updated_at") or made}

    def pass_over(self, *names: str) -> None:
        """Let fields be whose contents are found elsewhere."""
        self._read.update(names)

    def leave_out_the_rest(self) -> None:
        """Note every field that nobody has read and that holds something."""
        for name, value in self._document.items():
            if name not in self._read and value not in (None, "", [], {}):
                self.leave_out(name, "QDash has no such field")

    def _parameter(self, path: str, part: Any) -> ParameterModel:
        """Return a value of a parameter; an error of 0, which meant unknown, becomes absent."""
        if not isinstance(part, dict):
            raise InvalidInputError(f"{values.shown(part)} is not a value with its unit")
        name = path.partition(".")[2]
        given = {key: value for key, value in part.items() if value is not None}
        for key in given.keys() - ParameterModel.model_fields.keys():
            self.leave_out(f"{path}.{key}", "QDash has no such field")
        written = values.unit(given.get("unit", ""))
        wanted = self.units.get(name)
        value, unit = values.in_unit(wanted, name, values.number(given.get("value")), written)
        error = self._standard_deviation(f"{path}.error", given.get("error"))
        return ParameterModel(
            value=value,
            error=error and values.in_unit(wanted, name, error, written)[0],
            unit=unit,
            value_type=values.text(given.get("value_type", "float")),
            description=values.text(given.get("description", "")),
            calibrated_at=values.moment(given.get("calibrated_at", "")),
            execution_id=values.text(given.get("execution_id", "")),
            task_id=values.text(given.get("task_id", "")),
        )

    def _standard_deviation(self, path: str, value: object) -> float | None:
        if value is None:
            return None
        try:
            error = values.number(value)
        except ValueError as wrong:
            self.leave_out(path, str(wrong))
            return None
        if error < 0:
            self.leave_out(path, f"{error} is no standard deviation")
        return error if error > 0 else None


def as_note(value: object) -> Note:
    """Return a note that a person wrote; InvalidInputError where it is none."""
    if not isinstance(value, dict):
        raise InvalidInputError(f"{values.shown(value)} is not a note")
    return Note(
        content=values.text(value.get("content") or ""),
        updated_by=values.text(value.get("updated_by") or ""),
        updated_at=values.moment(value.get("updated_at") or ""),
    )
