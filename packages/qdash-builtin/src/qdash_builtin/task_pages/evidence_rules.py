"""Evidence for and against causes, as rules on named features of a task's results."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from qdash_builtin.task_pages.declaration_files import Declaration, parse_declarations
from qdash_builtin.task_pages.feature_conditions import FeatureCondition, parse_condition, parse_number
from qdash_builtin.task_pages.feature_names import SUBJECT_NAMES, find_common_name_error
from qdash_core.models.quantities import use_minus_sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CAUSE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MOST_RULES = 500
_SPEC = re.compile(r"[+-]?(\.\d{1,2})?[efg%]?")
Place = Literal["self", "control", "target"]


def _check_cause_id(given: str) -> str:
    if _CAUSE_ID.fullmatch(given) is None:
        raise ValueError(f"{given!r} is not the id of a cause: lower-case words joined by hyphens")
    return given


CauseId = Annotated[str, AfterValidator(_check_cause_id)]
"""Id of a cause, such as `dead-line`."""


def join_words(text: str) -> str:
    """Return a text on one line, with single spaces."""
    return " ".join(text.split())


def _make_list(given: object) -> object:
    return given if isinstance(given, list) else [given]


def _remove_duplicates(causes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(causes))


def _check_weight(weight: float) -> float:
    if weight == 0:
        raise ValueError("it must not be 0")
    return weight


def _check_text(text: str) -> str:
    """Return the text if its braces are placeholders of numbers and names."""
    for _, name, spec in _split(text):
        if name is not None and _SPEC.fullmatch(spec) is None:
            raise ValueError(f"{{{name}:{spec}}} is no format of a number, as in {{{name}:.2f}}")
    _list_placeholders(text)
    return text


class EvidenceRule(Declaration):
    """A rule: a condition that speaks for or against causes."""

    causes: Annotated[
        tuple[CauseId, ...],
        Field(validation_alias="cause", min_length=1),
        BeforeValidator(_make_list),
        AfterValidator(_remove_duplicates),
    ]
    """Ids of the causes."""
    when: Annotated[InstanceOf[FeatureCondition], BeforeValidator(parse_condition)]
    """The condition."""
    weight: Annotated[float, Field(strict=True, ge=-10, le=10), AfterValidator(_check_weight)]
    """Natural logarithm of the likelihood ratio; negative if it speaks against the causes."""
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
        AfterValidator(join_words),
        AfterValidator(_check_text),
    ]
    """Sentence about the observation, with features, or numbers from them, in braces: `{contrast:.2f}`, `{1000 * contrast:.0f}`."""
    group: str = ""
    """Rules of one group are of one observation: only the strongest one counts for each cause. Empty for a rule of its own."""
    on: Place = "self"
    """The target that has the cause: that of the result, or a qubit of a coupling."""

    @property
    def names(self) -> tuple[str, ...]:
        """The features in the condition and the text."""
        return tuple(dict.fromkeys((*self.when.names, *_list_placeholders(self.text))))

    def write(self, features: Mapping[str, float], subject: Mapping[str, str]) -> str:
        """Return the text with numbers; an absent one is `unknown`."""

        def fill(name: str, spec: str) -> str:
            if name in SUBJECT_NAMES:
                return subject.get(name, "")
            number = parse_number(name).evaluate(features)
            if number is None:
                return "unknown"
            return use_minus_sign(format(number, spec or ".3g").replace("%", " %"))

        return "".join(
            literal if name is None else literal + fill(name, spec)
            for literal, name, spec in _split(self.text)
        )

    @model_validator(mode="before")
    @classmethod
    def _read_on(cls, given: Any) -> Any:
        """Return the rule with its field `on`, which is the truth value in YAML without quotes."""
        if not isinstance(given, dict):
            return given
        return {"on" if name is True else name: value for name, value in given.items()}

    @model_validator(mode="after")
    def _check_names(self, info: ValidationInfo) -> Self:
        """Validate the names of features by the function in the context."""
        for name in self.names:
            if info.context is not None and (error := info.context(name)):
                raise ValueError(error)
        return self


Evidence = Annotated[tuple[EvidenceRule, ...], Field(max_length=_MOST_RULES)]
"""Rules of one entry of a file; an explanation evaluates all of a task."""


class _EvidenceFile(Declaration):
    evidence: Evidence


def parse_common_evidence(document: object) -> tuple[EvidenceRule, ...]:
    """Parse a file of rules on the features of every result; raise InvalidInputError, which names the field, if it breaks the format."""
    return parse_declarations(_EvidenceFile, document, find_common_name_error).evidence


def _list_placeholders(text: str) -> list[str]:
    """Return the features in a text."""
    written = [name for _, name, _ in _split(text) if name is not None and name not in SUBJECT_NAMES]
    return [feature for one in written for feature in parse_number(one).names]


def _split(text: str) -> Iterator[tuple[str, str | None, str]]:
    for literal, name, spec, conversion in Formatter().parse(text):
        if conversion:
            raise ValueError(f"{{{name}!{conversion}}} is a conversion, which is not accepted")
        yield literal, name, spec or ""
