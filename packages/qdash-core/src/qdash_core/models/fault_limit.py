"""Limit on the faults that validation reports, which cost more than values: a document may have hundreds of thousands."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticOmit

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_FAULTS = 20
"""Number of faults that are reported. Validation stops after one more."""
MANY = f"more than {MOST_FAULTS} faults"


class _Faults:
    """Number of faults found so far in the document that is validated."""

    def __init__(self) -> None:
        self.found = 0

    @property
    def exceeded(self) -> bool:
        return self.found > MOST_FAULTS

    def validate(self, value: object, validate: Callable[[Any], Any]) -> Any:
        """Validate a part of the document and count its faults, but leave it out if there are too many already."""
        if self.exceeded:
            raise PydanticOmit
        before = self.found
        try:
            return validate(value)
        except ValidationError as error:
            # The faults of its parts are already counted.
            self.found = max(self.found, before + error.error_count())
            raise


_faults: ContextVar[_Faults | None] = ContextVar("faults", default=None)


class FewFaults(BaseModel):
    """Model of external data whose validation stops after a few faults.

    Validation leaves out the entries that follow, if they are models of this kind or annotated with `ENTRY`; the document
    is refused in any case. An object with many more keys than the model has fields is one fault. Where a type has
    alternatives, at most one of them holds such entries: the faults of an alternative that is not taken count, too.
    """

    model_config = ConfigDict(defer_build=True)

    @model_validator(mode="wrap")
    @classmethod
    def _stop_after_a_few(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + MOST_FAULTS:
            raise ValueError(f"it has {len(value)} fields, and there are only {', '.join(cls.model_fields)}")
        faults = _faults.get()
        if faults is not None:
            return faults.validate(value, validate)
        faults = _Faults()
        token = _faults.set(faults)
        try:
            found = faults.validate(value, validate)
        finally:
            _faults.reset(token)
        if faults.exceeded:  # faults of a rejected alternative; entries may have been left out
            raise ValueError(f"there are {MANY}")
        return found


def _validate_entry(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    faults = _faults.get()
    return validate(value) if faults is None else faults.validate(value, validate)


ENTRY = WrapValidator(_validate_entry)
"""Annotation of entries of a long list or mapping, keys included, that are not models."""
