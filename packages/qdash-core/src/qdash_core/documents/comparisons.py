"""View models of the comparison of a chip between two points in time, or of two chips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.chip_days import StatusChangeDocument, ValueChangeDocument
from qdash_core.models.base import UtcDatetime
from qdash_core.models.estimates import format_sigmas
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from qdash_core.comparisons.comparison import ComparedValue, PointComparison, SharedChange

_TIME = re.compile(r"\d{4}-\d\d-\d\d")
_BEFORE: dict[str, Any] = {"chip_id": "a", "label": "release:friday", "at": "2026-11-20T17:00:00Z"}
_AFTER: dict[str, Any] = {"chip_id": "a", "label": "now", "at": "2026-11-22T08:45:00Z"}
_VALUE: dict[str, Any] = {
    **ValueChangeDocument.model_config["json_schema_extra"]["examples"][0],  # type: ignore[dict-item,index]
    "error": 1.7,
    "moved": True,
    "improved": False,
    "shared": "multiplexer 0",
}
_SHARED: dict[str, Any] = {
    "parameter": "t1",
    "rose": False,
    "resource": "multiplexer 0",
    "targets": ["0", "1", "2"],
    "examined": 4,
    "sigmas": -4.2,
    "text": "t1 fell on 3 of 4 qubits of multiplexer 0, median −4.2σ",
}


class ComparedStateDocument(Document):
    """One of the two compared states of a chip."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BEFORE]})

    chip_id: str
    label: str
    """The point in time as it was requested; a time of day or a duration before now as the time."""
    at: UtcDatetime | None = None
    """Its time; absent for the end of a cool-down that has not ended."""

    @property
    def name(self) -> str:
        """Label of the point, or empty if it is a time."""
        return "" if _TIME.match(self.label) else self.label


class ComparedValueDocument(ValueChangeDocument):
    """A value that differs between two states of a chip."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUE]})

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


class SharedChangeDocument(Document):
    """A change that several targets of one resource share."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHARED]})

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "before": _BEFORE,
                    "after": _AFTER,
                    "values": [_VALUE],
                    "statuses": StatusChangeDocument.model_config["json_schema_extra"]["examples"],  # type: ignore[index]
                    "directions": ["0-1"],
                    "only_before": [],
                    "only_after": [],
                    "shared": [_SHARED],
                    "unchanged": 40,
                }
            ]
        }
    )

    before: ComparedStateDocument
    after: ComparedStateDocument
    values: list[ComparedValueDocument]
    """Values that differ, the largest difference in combined errors first, then those without a known error."""
    statuses: list[StatusChangeDocument]
    """Statuses that differ; a status that is unknown in one state is not compared."""
    directions: list[str]
    """Couplings whose directions differ; only their values that do not depend on the direction are compared."""
    only_before: list[str]
    """Targets that only the first state has."""
    only_after: list[str]
    """Targets that only the second state has."""
    shared: list[SharedChangeDocument]
    """Changes that several targets share."""
    unchanged: int
    """Number of equal values."""
    simulated_time: UtcDatetime | None = None
    """Time of the home if its clock is simulated."""

    @classmethod
    def from_comparison(cls, found: PointComparison) -> Self:
        """Return the view model of a comparison."""
        return cls.from_record(
            found,
            values=[ComparedValueDocument.from_value(one) for one in found.values],
            shared=[SharedChangeDocument.from_change(one) for one in found.shared],
        )

    @property
    def moved(self) -> list[ComparedValueDocument]:
        """The values that moved."""
        return [one for one in self.values if one.moved]

    def list_shared_changes(self) -> list[tuple[str, str]]:
        """Return the sentence and the targets of each shared change."""
        return [(one.text, format_targets(one.targets)) for one in self.shared]

    def list_sentences(self) -> list[str]:
        """Return the changes of statuses, directions and targets as sentences."""
        targets: dict[str, list[str]] = {}
        for one in self.statuses:
            targets.setdefault(f"now {one.after}, was {one.before}", []).append(one.target)
        targets |= {
            "direction differs, values that depend on it are not compared": self.directions,
            "only in the first state": self.only_before,
            "only in the second state": self.only_after,
        }
        return [f"{format_targets(some)}: {words}" for words, some in targets.items() if some]

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
