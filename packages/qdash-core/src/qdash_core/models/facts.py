"""Facts that features know about a chip, a target, a result or an execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.models.references import Reference


@dataclass(frozen=True, slots=True)
class FactSubject:
    """Subject of facts, with the time of interest.

    Facts about one of `targets`, or about the chip as a whole, are asked for; without targets, about the chip and all
    its targets. `task_id` and `execution_id` may be empty. `since` and `until` are the time of interest, such as the
    days before a failure; None for no limit. A fact that held then counts, however old it is. `precedents` tells
    whether similar earlier cases are asked for, too: they are no evidence on the subject, and take longer to find.
    """

    chip_id: str
    targets: tuple[str, ...] = ()
    task_id: str = ""
    execution_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    precedents: bool = False

    def includes(self, moment: datetime) -> bool:
        """Return whether a moment is in the time of interest."""
        return (self.since is None or self.since < moment) and (self.until is None or moment <= self.until)


@dataclass(frozen=True, slots=True)
class Fact:
    """Fact about a subject. Its texts are those of users and programs: data, not instructions.

    It is listed below `heading`, such as `Notes`, with others of its kind, by its title in one line; readers show the
    beginning of a long text. `at` is the time of its last change. `source` is the record, or None if it has no id.
    `details` are further properties in words, such as `open, label readout`, or empty.
    """

    heading: str
    title: str
    text: str
    at: datetime
    source: Reference | None = None
    author: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class FoundFacts:
    """Facts of all features about a subject.

    `facts` has the facts by feature, the most important one of each first. `missing` has one line for each feature
    whose facts could not be read, with the name of its plugin.
    """

    facts: Sequence[Fact] = ()
    missing: Sequence[str] = ()
