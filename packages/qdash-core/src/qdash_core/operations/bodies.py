"""Bodies of requests: models that refuse unknown fields, or raw bytes that the operation parses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.fault_limit import FewFaults

if TYPE_CHECKING:
    _SentType = type  # the type of a body, and of its arguments, is that of any model
else:

    class _SentType(type(BaseModel)):
        """Class of bodies and filters, whose construction raises errors of the core. Validation of JSON calls no class."""

        def __call__(cls, **fields: Any) -> Any:
            """Return a body, or filters, with these fields."""
            try:
                return super().__call__(**fields)
            except ValidationError as error:
                raise InvalidInputError(": ".join(filter(None, find_first_error(error)))) from None


class Body(FewFaults, metaclass=_SentType):
    """Request body that refuses unknown fields.

    Raises
    ------
    InvalidInputError
        If code makes one with invalid fields.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class RawContents:
    """Mark of a parameter that is the raw body, whatever its content type."""


RawBody = Annotated[bytes, RawContents]
"""Parameter of an operation: the raw body."""


class Filter(BaseModel, metaclass=_SentType):
    """Filters of a read, as query parameters.

    Raises
    ------
    InvalidInputError
        If code makes one with invalid fields.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
