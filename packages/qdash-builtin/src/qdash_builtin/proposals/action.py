"""Action of one kind of proposals of assistants: the interface of all actions, their common arguments, and their outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from qdash_builtin.text_pages.user_texts import check_text
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import as_json_text
from qdash_core.models.quantities import format_quantity
from qdash_core.models.target_lists import parse_targets

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.references import Reference

LONGEST_REASON = 1000
MOST_TARGETS = 50
Name = Annotated[str, Field(min_length=1, max_length=128)]
Targets = Annotated[
    tuple[str, ...],
    Field(default=(), max_length=200, description="Qubits and couplings such as 3 and 3-4; default: all."),
    AfterValidator(lambda given: parse_targets(given) if given else ()),
]
ChangedTargets = Annotated[
    tuple[str, ...],
    Field(min_length=1, max_length=MOST_TARGETS, description="Qubits or couplings such as 3 or 3-4."),
    AfterValidator(parse_targets),
]


def _check_reason(text: str) -> str:
    if not (reason := check_text(text, "reason")):
        raise InvalidInputError("the reason is empty")
    return reason


class ActionArguments(BaseModel):
    """Arguments of a proposal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_REASON,
            description="Why the user should confirm it, in one or two sentences.",
        ),
        AfterValidator(_check_reason),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Performed proposal: the changed or created record, and a sentence about the action."""

    text: str
    record: Reference


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Author and idempotency key of a confirmation.

    `drafted_by` is the assistant and the message of the draft, as records name them.
    """

    drafted_by: str
    key: str

    def sign(self, reason: str) -> str:
        """Return a reason with its author."""
        return f"{reason} ({self.drafted_by})"


A = TypeVar("A", bound=ActionArguments)


class ProposalAction(Generic[A]):
    """Action of one kind of proposals.

    `describe` and `perform` take checked arguments; both raise QDashError if the record does not allow the action.
    """

    kind: ClassVar[str]
    """Name in lower-case letters, digits and `_`, unique among all actions."""
    description: ClassVar[str]
    """Description for the model."""
    arguments: type[A]
    """Model of the arguments; a constant of the class."""

    def resolve(self, access: Access, arguments: A) -> A:  # noqa: ARG002  most actions name no result
        """Return the arguments with the whole id of a result."""
        return arguments

    def describe(self, access: Access, arguments: A) -> tuple[str, str]:
        """Return what a confirmation performs, and a digest of the records that it depends on."""
        raise NotImplementedError

    def is_performed(self, access: Access, arguments: A, by: Confirmation) -> bool:  # noqa: ARG002  most actions have keys
        """Return whether an interrupted confirmation has performed the action, if its idempotency key cannot tell."""
        return False

    def perform(self, access: Access, arguments: A, basis: str, by: Confirmation) -> Outcome:
        """Perform the action with the rights of the user who confirms; a repeated call performs nothing more."""
        raise NotImplementedError


def write_value(value: ParameterModel | None) -> str:
    """Return a value with its error and unit."""
    return "no value" if value is None else format_quantity(float(value.value), value.error, value.unit)


def write_json(value: object) -> str:
    """Return options or parameters of a task as they are written."""
    return as_json_text(value).decode()
