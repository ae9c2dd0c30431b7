"""View models of the comparison of a chip between two points in time, or of two chips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from qdash_builtin.values.value_change import Change
from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import TargetStatus
from qdash_core.models.estimates import format_sigmas
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.quantities import format_count
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from qdash_builtin.comparisons.comparison import ComparedValue, PointComparison, SharedChange
    from qdash_builtin.comparisons.judgement_changes import JudgementChange

_TIME = re.compile(r"\d{4}-\d\d-\d\d")


class StatusChangeDocument(Document):
    """A status that differs between two states of a chip."""

    target: str
    before: TargetStatus | None = None
    """Absent if it is unknown."""
    after: TargetStatus | None = None


class ComparedStateDocument(Document):
    """One of the two compared states of a chip."""

    chip_id: str
    label: str
    """The point in time as it was requested; a time of day or a duration before now as the time."""
    at: UtcDatetime | None = None
    """Its time; absent for the end of a cool-down that has not ended."""

    @property
    def name(self) -> str:
        """Label of the point, or empty if it is a time."""
        return "" if _TIME.match(self.label) else self.label


class ComparedValueDocument(Document):
    """A value that differs between two states of a chip."""

    target: str
    parameter: str
    change: Change
    before: ShownValue | None = None
    after: ShownValue | None = None
    difference: float | None = None
    """Second value minus the first one; absent if one is missing or their units differ."""
    sigmas: float | None = None
    """Size of the difference in units of its standard deviation; absent if an error is unknown or both are 0."""
    error: float | None = None
    """Standard deviation of the difference; absent if an error is unknown."""
    moved: bool
    """True if it differs by more than its usual scatter in the time between both and by more than the tolerance of its metric."""
    improved: bool | None = None
    """True if a value that moved is better than before; absent if it has not moved, or its metric has no better direction."""
    shared: str | None = None
    """Resource on which the parameter of other targets moved in the same direction."""

    @classmethod
    def from_value(cls, value: ComparedValue) -> Self:
        """Return the view model of a value that differs."""
        shared = None if value.shared is None else str(value.shared)
        return cls.from_record(value.change, moved=value.moved, improved=value.improved, shared=shared)

    @property
    def signed_sigmas(self) -> float | None:
        """The difference in combined errors with its sign, or None if it is unknown."""
        if self.sigmas is None or self.difference is None:
            return None
        return self.sigmas if self.difference > 0 else -self.sigmas

    @property
    def effect(self) -> str | None:
        """`better` or `worse`, or None if the value is neither."""
        return None if self.improved is None else "better" if self.improved else "worse"

    def describe_difference(self) -> str:
        """Return the change in combined errors, `−8.2σ`, or its kind in words if there is none."""
        if self.signed_sigmas is not None:
            return format_sigmas(self.signed_sigmas)
        if self.change != "changed":
            return str(self.change)
        return "other unit" if self.difference is None else "error unknown"


class JudgementChangeDocument(Document):
    """A change of the fitness of a target, or of the trust of one of its values."""

    target: str
    parameter: OmitEmpty[str] = None
    """Name of the value; absent for the fitness of the target."""
    before: Fitness | Trust
    after: Fitness | Trust
    reasons: list[str]
    """Reasons of the later judgement."""
    shared: str | None = None
    """Resource on which other targets changed in the same way."""

    @classmethod
    def from_change(cls, change: JudgementChange) -> Self:
        """Return the view model of a change."""
        return cls.from_record(change, shared=None if change.shared is None else str(change.shared))


class SharedChangeDocument(Document):
    """A change that several targets of one resource share."""

    parameter: str
    rose: bool
    resource: str
    """The resource, such as `multiplexer 2`; several with `or` if the targets cannot tell them apart."""
    targets: list[str]
    """The targets that moved."""
    examined: int
    """Number of targets of the resource with this parameter in both states."""
    sigmas: float
    """Median of the differences in combined errors, negative if the parameter fell."""
    text: str
    """The change as a sentence."""

    @classmethod
    def from_change(cls, change: SharedChange) -> Self:
        """Return the view model of a shared change."""
        resource = change.resource
        return cls.from_record(
            change,
            resource=str(resource),
            targets=list(resource.affected),
            examined=resource.examined,
            text=str(change),
        )


class PointComparisonDocument(Document):
    """The differences of a chip between two points in time, or of two chips."""

    before: ComparedStateDocument
    after: ComparedStateDocument
    values: list[ComparedValueDocument]
    """Values that differ, the largest difference in combined errors first, then those without a known error."""
    statuses: list[StatusChangeDocument]
    """Statuses that differ; a status that is unknown in one state is not compared."""
    judgements: list[JudgementChangeDocument]
    """Fitness of targets and trust of values that differ; what is not judged in both states is not compared."""
    directions: list[str]
    """Couplings whose directions differ; only their values that do not depend on the direction are compared."""
    designs: list[str]
    """Targets whose design values differ; empty if these are unknown in one state."""
    only_before: list[str]
    """Targets that only the first state has."""
    only_after: list[str]
    """Targets that only the second state has."""
    shared: list[SharedChangeDocument]
    """Changes that several targets share."""
    unchanged: int
    """Number of equal values."""
    same_wiring: bool | None = None
    """True if the wiring is the same; absent if it is unknown in one state."""
    simulated_time: UtcDatetime | None = None
    """Time of the home if its clock is simulated."""

    @classmethod
    def from_comparison(cls, found: PointComparison) -> Self:
        """Return the view model of a comparison."""
        return cls.from_record(
            found,
            values=[ComparedValueDocument.from_value(one) for one in found.values],
            judgements=[JudgementChangeDocument.from_change(one) for one in found.judgements],
            shared=[SharedChangeDocument.from_change(one) for one in found.shared],
        )

    @property
    def moved(self) -> list[ComparedValueDocument]:
        """The values that moved."""
        return [one for one in self.values if one.moved]

    def list_shared_changes(self, get_title: Callable[[str], str] = str) -> list[tuple[str, str]]:
        """Return the sentence and the targets of each shared change, with the titles of parameters."""
        return [
            (f"{get_title(one.parameter)}{one.text.removeprefix(one.parameter)}", format_targets(one.targets))
            for one in self.shared
        ]

    def list_sentences(self) -> list[str]:
        """Return the changes of statuses, judgements, directions, designs, wiring and targets as sentences."""
        shared = {one.target: one.shared for one in self.judgements if not one.parameter}
        targets: dict[str, list[str]] = {}
        for one in self.statuses:
            words = f"now {one.after}, was {one.before}{_describe_shared(shared.get(one.target))}"
            targets.setdefault(words, []).append(one.target)
        targets |= self._group_judgements({one.target for one in self.statuses})
        targets |= {
            "design values differ": self.designs,
            "direction differs, values that depend on it are not compared": self.directions,
            "only in the first state": self.only_before,
            "only in the second state": self.only_after,
        }
        sentences = [f"{format_targets(some)}: {words}" for words, some in targets.items() if some]
        return sentences if self.same_wiring is not False else [*sentences, "the wiring differs"]

    def _group_judgements(self, told: Collection[str]) -> dict[str, list[str]]:
        """Return the targets of each change of fitness or trust in words, without the fitness of those whose status tells it."""
        groups: dict[tuple[bool, str, str, str], list[str]] = {}
        for one in self.judgements:
            if one.parameter or one.target not in told:
                key = (
                    one.parameter is not None,
                    one.after.replace("-", " "),
                    one.before.replace("-", " "),
                    one.shared or "",
                )
                groups.setdefault(key, []).append(one.target)
        found = {}
        for (of_values, now, was, shared), some in groups.items():
            words = (
                f"{format_count(len(some), 'value')} now {now}, {was} before"
                if of_values
                else f"now {now}, was {was}"
            )
            found[f"{words}{_describe_shared(shared)}"] = [*dict.fromkeys(some)]
        return found

    def describe_counts(self) -> str:
        """Return the numbers of values that moved, differ otherwise and are equal, as a sentence."""
        kinds = [one.change for one in self.values]
        known = [one for one in self.values if one.change == "changed"]
        unknown = sum(one.sigmas is None for one in known)
        counts = {
            "moved beyond usual scatter": len(self.moved),
            "changed less": len(known) - unknown - len(self.moved),
            "changed without a known error": unknown,
            "appeared": kinds.count("appeared"),  # type: ignore[arg-type]
            "vanished": kinds.count("vanished"),  # type: ignore[arg-type]
            "equal": self.unchanged,
        }
        first, *rest = (
            f"{n or 'none'} {words}" for words, n in counts.items() if n or words.startswith("moved")
        )
        effects = [one.effect for one in self.values]
        judged = [f"{n} {word}" for word in ("worse", "better") if (n := effects.count(word))]
        moved = f"{first} ({', '.join(judged)})" if judged else first
        return f"values: {', '.join((moved, *rest))}"


def _describe_shared(resource: str | None) -> str:
    return f" (shared by {resource})" if resource else ""
