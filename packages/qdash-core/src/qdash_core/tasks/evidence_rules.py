"""Evidence for and against causes, as rules on named features of a task's results."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, cast

from qdash_core.chips.document_fields import require_fields
from qdash_core.errors import InvalidInputError
from qdash_core.models.quantities import use_minus_sign
from qdash_core.tasks.feature_conditions import FeatureCondition, parse_condition, parse_number
from qdash_core.tasks.feature_names import SUBJECT_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CAUSE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LARGEST_WEIGHT = 10.0
_SPEC = re.compile(r"[+-]?(\.\d{1,2})?[efg%]?")
_LONGEST_TEXT = 300
Place = Literal["self", "control", "target"]


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """A rule: a condition that speaks for or against causes.

    Parameters
    ----------
    causes : tuple of str
        Ids of the causes.
    when : FeatureCondition
        The condition.
    weight : float
        Natural logarithm of the likelihood ratio; negative if it speaks against the causes.
    text : str
        Sentence about the observation, with features, or numbers from them, in braces: `{contrast:.2f}`, `{1000 * contrast:.0f}`.
    group : str
        Rules of one group are of one observation: only the strongest one counts for each cause. Empty for a rule of its
        own.
    on : {"self", "control", "target"}
        The target that has the cause: that of the result, or a qubit of a coupling.
    """

    causes: tuple[str, ...]
    when: FeatureCondition
    weight: float
    text: str
    group: str = ""
    on: Place = "self"

    def write(self, features: Mapping[str, float], subject: Mapping[str, str]) -> str:
        """Return the text with numbers; an absent one is `unknown`."""

        def fill(name: str, spec: str) -> str:
            if name in SUBJECT_NAMES:
                return subject.get(name, "")
            number = parse_number(name, "text").evaluate(features)
            if number is None:
                return "unknown"
            return use_minus_sign(format(number, spec or ".3g").replace("%", " %"))

        return "".join(
            literal if name is None else literal + fill(name, spec)
            for literal, name, spec in _split(self.text)
        )


def parse_evidence(
    entries: object, find_name_error: Callable[[str], str | None], *, where: str = "evidence"
) -> tuple[EvidenceRule, ...]:
    """Parse a list of rules.

    Parameters
    ----------
    entries : object
        The list.
    find_name_error : callable
        Returns the reason why a name is no feature, or None if it is one.
    where : str
        Place of the list, for messages.

    Raises
    ------
    InvalidInputError
        If a rule breaks the format. The message has its place.
    """
    if not isinstance(entries, list):
        raise InvalidInputError(f"{where} is a {type(entries).__name__}, not a list")
    return tuple(_parse_rule(one, f"{where}[{place}]", find_name_error) for place, one in enumerate(entries))


def _parse_rule(entry: object, where: str, find_name_error: Callable[[str], str | None]) -> EvidenceRule:
    if isinstance(entry, dict):  # in YAML, `on` without quotes is the truth value
        entry = {"on" if key is True else key: value for key, value in entry.items()}
    given = require_fields(entry, ("cause", "when", "weight", "text"), where, optional=("group", "on"))
    when = parse_condition(given["when"], f"{where}.when")
    text = given["text"]
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TEXT:
        raise InvalidInputError(
            f"{where}.text is {text!r:.80}, not a text of 1 to {_LONGEST_TEXT} characters"
        )
    text = " ".join(text.split())
    for name in (*when.names, *_list_placeholders(text, f"{where}.text")):
        if error := find_name_error(name):
            raise InvalidInputError(f"{where}: {error}")
    on, group = given.get("on", "self"), given.get("group", "")
    if on not in ("self", "control", "target"):
        raise InvalidInputError(f"{where}.on is {on!r}, not self, control or target")
    if not isinstance(group, str):
        raise InvalidInputError(f"{where}.group is {group!r}, not a text")
    causes, weight = _parse_causes(given["cause"], where), _parse_weight(given["weight"], where)
    return EvidenceRule(causes, when, weight, text, group, cast("Place", on))


def _parse_causes(given: Any, where: str) -> tuple[str, ...]:
    ids = given if isinstance(given, list) else [given]
    for one in ids:
        if not isinstance(one, str) or CAUSE_ID.fullmatch(one) is None:
            raise InvalidInputError(f"{where}.cause is {one!r}, not the id of a cause such as dead-line")
    if not ids:
        raise InvalidInputError(f"{where}.cause is an empty list")
    return tuple(dict.fromkeys(ids))


def _parse_weight(given: Any, where: str) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not math.isfinite(given) or given == 0 or abs(given) > LARGEST_WEIGHT:
        raise InvalidInputError(
            f"{where}.weight is {given!r}, not a number from -{LARGEST_WEIGHT:g} to {LARGEST_WEIGHT:g} other than 0"
        )
    return float(given)


def _list_placeholders(text: str, where: str) -> list[str]:
    """Return the features in a text; raise InvalidInputError for braces that are no placeholders of numbers."""
    try:
        parts = list(_split(text))
    except ValueError as error:
        raise InvalidInputError(f"{where}: {error}") from error
    for _, name, spec in parts:
        if name is not None and _SPEC.fullmatch(spec) is None:
            raise InvalidInputError(
                f"{where}: {{{name}:{spec}}} is no format of a number, as in {{{name}:.2f}}"
            )
    written = [name for _, name, _ in parts if name is not None and name not in SUBJECT_NAMES]
    return [feature for one in written for feature in parse_number(one, where).names]


def _split(text: str) -> Iterator[tuple[str, str | None, str]]:
    for literal, name, spec, conversion in Formatter().parse(text):
        if conversion:
            raise ValueError(f"{{{name}!{conversion}}} is a conversion, which is not accepted")
        yield literal, name, spec or ""
