"""Search queries for task results, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.runs.execution_lists import make_tag_condition
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_target_id
from qdash_core.models.task import Outcome, TaskStatus, Verdict, parse_choice
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.store import OneOf, Range, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

MOST_WORDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultQuery:
    """Conditions on task results that must all hold; None matches any result.

    Parameters
    ----------
    task : str or None
        Name or alias of the task.
    status, verdict, outcome : str or None
        A value of `TaskStatus`, `Verdict` or `Outcome`; the last one without refits. Of an execution, the results that
        its counts count: the last attempt at each task on each target.
    text : str or None
        Words that must all occur in the message, in any order and case.
    tags : collection of str
        Tags that its execution all has.
    since, until : datetime or None
        Range of the start time, with `since` included and `until` excluded. Results that never started, such
        as skipped ones, are in no range.
    """

    chip_id: str | None = None
    execution_id: str | None = None
    task: str | None = None
    target: str | None = None
    status: str | None = None
    verdict: str | None = None
    outcome: str | None = None
    text: str | None = None
    cooldown_id: str | None = None
    tags: Collection[str] = ()
    username: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def make_conditions(self, project_id: str, task_name: Callable[[str], str]) -> dict[str, Any]:
        """Return the conditions as a query on stored documents of a project; `task_name` resolves an alias.

        Raises
        ------
        InvalidInputError
            If a condition is invalid: an unknown status, an invalid target, a text without a word, no time
            between `since` and `until`.
        """
        if self.outcome is not None and (self.status is not None or self.verdict is not None):
            raise InvalidInputError("an outcome is selected without a status or verdict, which it includes")
        query: dict[str, Any] = {
            "chip_id": self.chip_id,
            "execution_id": self.execution_id,
            "name": None if self.task is None else task_name(self.task),
            "qid": None if self.target is None else parse_target_id(self.target),
            "status": None if self.status is None else parse_choice(TaskStatus, "status", self.status),
            "verdict": None if self.verdict is None else parse_choice(Verdict, "verdict", self.verdict),
            "message": None if self.text is None else _parse_words(self.text),
            "cooldown_id": self.cooldown_id,
            "tags": make_tag_condition(self.tags),
            "username": self.username,
            "start_at": Range.from_period(self.since, self.until),
        }
        conditions = {name: one for name, one in query.items() if one is not None}
        return {"project_id": project_id, **conditions, **self._make_outcome_conditions()}

    def _make_outcome_conditions(self) -> dict[str, Any]:
        if self.outcome is None:
            return {}
        outcome = Outcome(parse_choice(Outcome, "outcome", self.outcome))
        conditions: dict[str, Any] = {"status": str(outcome.status)}
        match outcome:
            case Outcome.COMPLETED:
                conditions["verdict"] = None
            case Outcome.FLAGGED:
                conditions["verdict"] = str(outcome)
            case Outcome.ACCEPTED | Outcome.REJECTED:  # by the validation or by a user
                conditions["verdict"] = OneOf((str(Verdict.ACCEPTED), str(Verdict.FLAGGED)))
            case _:
                pass
        return conditions


def _parse_words(text: str) -> Words:
    found = search_terms(text)
    if not found:
        raise InvalidInputError(f"there is no word in {text!r}: search for letters and digits")
    if len(found) > MOST_WORDS:
        raise InvalidInputError(f"{len(found)} words are searched for: {MOST_WORDS} at most")
    return Words(text)
