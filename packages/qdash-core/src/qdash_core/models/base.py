"""Base classes of stored records."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    WithJsonSchema,
)

from qdash_core.errors import InvalidInputError, StaleError
from qdash_core.models.error_messages import find_first_error
from qdash_core.process.clock import utc_now


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is in the years 1 to 9999, in UTC, too") from None


def as_json(data: object) -> Any:
    """Return `data` as plain JSON values, numpy scalars and arrays included.

    Raises
    ------
    TypeError, ValueError
        If something in it is not JSON: another object, NaN, an infinity, or text that is not Unicode.
    """
    return json.loads(as_json_text(data))


def as_json_text(data: object) -> bytes:
    """Return the text of `as_json`, in UTF-8. Raises as it does."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, default=_to_plain)
    return text.encode()  # Python accepts half a surrogate pair in text, but no store does


def _to_plain(value: object) -> object:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")


_STORED_WIDTH = len("2026-11-20T07:25:01.000000Z")


def _read_stored_time(value: object, validate: Callable[[object], datetime]) -> datetime:
    """Return a time; that of a stored text has the zone `UTC`, since pydantic makes a zone for each, which costs time and memory."""
    if type(value) is str and len(value) == _STORED_WIDTH and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    return validate(value)


class _Utc:
    """Validator of UTC datetimes with few steps in Python for each; records are read by the thousand."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> dict[str, Any]:
        as_it_is = {"type": "datetime", "tz_constraint": 0}
        any_zone = {
            "type": "union",
            "choices": [as_it_is, handler.generate_schema(Annotated[source, AfterValidator(_to_utc)])],
            "mode": "left_to_right",
            "custom_error_type": "moment",
            "custom_error_message": "a time is a date and a time of day with a time zone",
        }
        function = {"type": "no-info", "function": _read_stored_time}
        return {"type": "function-wrap", "function": function, "schema": any_zone}


UtcDatetime = Annotated[datetime, _Utc]
"""An aware datetime, stored in UTC."""


_MICROSECOND = timedelta(microseconds=1)
"""Time resolution of the stores."""

_ALIKE = Annotated[str, Field(pattern=r"\.[0-9]*[1-9][0-9]*Z$")]
"""Text of a datetime that stores write exactly as JSON does; JSON omits the zeros of a full second."""

ShownMoment = Annotated[
    _ALIKE | UtcDatetime,
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A datetime that is only displayed. Text stays text, since there are thousands of them."""


def read_moment(shown: str | datetime | None) -> datetime | None:
    """Return the time of a `ShownMoment`."""
    return datetime.fromisoformat(shown) if isinstance(shown, str) else shown


def make_later_time(before: datetime, now: datetime) -> datetime:
    """Return the time of a change after another one: now, or one microsecond later if `before` is not past.

    The time is the version that `If-Match` names. With the clock alone, a change could leave the version the same.
    """
    return max(now, before + _MICROSECOND)


StrictNumber = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number; text and booleans are refused."""


class Value(BaseModel):
    """A frozen part of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built on first use


class Record(BaseModel):
    """A document of the store."""

    model_config = ConfigDict(extra="forbid", validate_assignment=False, defer_build=True)

    created_at: UtcDatetime = Field(default_factory=utc_now)
    updated_at: UtcDatetime = Field(default_factory=utc_now)

    @property
    def changed_at(self) -> datetime:
        """Time of the last change. Every change increases it, whatever the clock says; see `make_later_time`."""
        return self.updated_at

    def with_changes(self, *, now: datetime, **fields: Any) -> Self:
        """Return a copy with new values of these fields, changed now. The caller has validated the values."""
        return self.model_copy(update={**fields, "updated_at": make_later_time(self.changed_at, now)})

    def with_validated_changes(
        self, fields: Mapping[str, Any], possible: Collection[str], *, now: datetime
    ) -> Self:
        """Return a copy with new, validated values of these fields.

        Raises
        ------
        InvalidInputError
            If a field may not be changed or a value is invalid. The message names the field.
        """
        moment = make_later_time(self.changed_at, now)
        return self._validate(fields, possible, {**dict(self), "updated_at": moment})

    @classmethod
    def create_validated(cls, fields: Mapping[str, Any], possible: Collection[str], **others: Any) -> Self:
        """Return a new record with validated values of these fields, and others that are known to be valid.

        Raises
        ------
        InvalidInputError
            As `with_validated_changes`, or if a field is missing.
        """
        return cls._validate(fields, possible, others)

    @classmethod
    def _validate(
        cls, fields: Mapping[str, Any], possible: Collection[str], others: Mapping[str, Any]
    ) -> Self:
        for name in fields:
            if name not in possible:
                raise InvalidInputError(f"{name} cannot be changed; {', '.join(sorted(possible))} can")
        try:
            return cls.model_validate({**others, **fields})
        except ValidationError as error:
            place, why = find_first_error(error)
            first = error.errors()[0]
            if first["type"] == "missing":
                raise InvalidInputError(f"{place} is missing") from error
            raise InvalidInputError(f"{place} cannot be {first['input']!r}: {why}") from error

    def to_document(self) -> dict[str, Any]:
        """Return the record as the plain document that is stored."""
        return self.model_dump()


def refuse_stale(what: str, changed_at: datetime | None, as_of: datetime | None) -> None:
    """Raise StaleError if a record, `what` in messages, was changed since it was read.

    `changed_at` is the time of the last change, or None if never changed. `as_of` is `changed_at` when the record was
    read, or None to skip the check.
    """
    if as_of is not None and as_of != changed_at:
        raise StaleError(f"{what} was changed since it was read: read it again, and decide")


NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of the last change of what never existed."""
LONGEST_NOTE = 20_000
"""Maximum number of characters of a note."""


class Note(Value):
    """A free-form note that a user attached to a record."""

    content: str = ""
    updated_by: str = ""
    updated_at: UtcDatetime | None = None
    """None if there never was a note. With empty content, the time at which the note was cleared."""

    @property
    def changed_at(self) -> datetime:
        """Time at which the note was last written or cleared, or the beginning of 1970 if never."""
        return self.updated_at or NEVER

    @classmethod
    def create(cls, content: str, *, username: str, before: datetime, now: datetime) -> Self:
        """Return a new note, written now. `before` is the `changed_at` of the previous note.

        Raises
        ------
        InvalidInputError
            If it is too long.
        """
        if len(content) > LONGEST_NOTE:
            raise InvalidInputError(
                f"a note of {len(content)} characters is too long; {LONGEST_NOTE} are possible"
            )
        moment = make_later_time(before, now)
        return cls(content=content.strip(), updated_by=username, updated_at=moment)


class NotedRecord(Record):
    """A document of the store with a note by users."""

    note: Note = Note.model_construct()

    @property
    def changed_at(self) -> datetime:
        """Time of the last change, including changes of the note."""
        return max(self.updated_at, self.note.changed_at)
