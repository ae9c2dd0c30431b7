"""Selection of issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.texts import normalise_labels
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_target_id
from qdash_core.models.task import parse_choice
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.store import Has, OneOf, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

MOST_WORDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueQuery:
    """Conditions on issues that must all hold; None or empty matches any issue.

    Parameters
    ----------
    states : collection of str
        Values of `IssueState`; it has one of them.
    labels : collection of str
        Labels that it all has.
    task : str or None
        Name or alias of the task of its result.
    text : str or None
        Words that all occur in its title, description, labels or comments.
    """

    states: Collection[str] = ()
    labels: Collection[str] = ()
    assignee: str | None = None
    author: str | None = None
    chip_id: str | None = None
    target: str | None = None
    task: str | None = None
    metric: str | None = None
    task_id: str | None = None
    execution_id: str | None = None
    cooldown_id: str | None = None
    text: str | None = None

    def make_conditions(self, project_id: str, task_name: Callable[[str], str]) -> dict[str, Any]:
        """Return the conditions as a query on stored documents; InvalidInputError if one is not valid."""
        states = tuple(str(parse_choice(IssueState, "state", one)) for one in self.states)
        query: dict[str, Any] = {
            "state": OneOf(states) if states else None,
            "labels": _make_list_condition(normalise_labels(self.labels)),
            "assignees": _make_list_condition([self.assignee] if self.assignee else []),
            "targets": _make_list_condition([parse_target_id(self.target)] if self.target else []),
            "metrics": _make_list_condition([self.metric] if self.metric else []),
            "username": self.author,
            "chip_id": self.chip_id,
            "task": None if self.task is None else task_name(self.task),
            "task_id": self.task_id,
            "execution_id": self.execution_id,
            "cooldown_id": self.cooldown_id,
            "words": None if self.text is None else _parse_words(self.text),
        }
        return {"project_id": project_id} | {name: one for name, one in query.items() if one is not None}


def _make_list_condition(members: list[str]) -> Has | None:
    return Has(members[0], tuple(members[1:])) if members else None


def _parse_words(text: str) -> Words:
    found = search_terms(text)
    if not 0 < len(found) <= MOST_WORDS:
        raise InvalidInputError(f"{text!r} has {len(found)} words: search for 1 to {MOST_WORDS} words")
    return Words(text)
