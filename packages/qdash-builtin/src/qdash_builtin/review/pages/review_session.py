"""State of a review in a browser tab: the order of its results, their outcomes, and the decisions that can be undone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from qdash_builtin.values.review_state import ReviewState
from qdash_cli.rendering.output import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.review.views import ReviewItemDocument

ACCEPTED, REJECTED, REFITTED, MEASURED = "accepted", "rejected", "refitted", "measured again"
EXCLUDED, LATER, REPLACED, GONE = "excluded", "later", "replaced", "no longer waiting"
_OUTCOMES = (ACCEPTED, REJECTED, REFITTED, MEASURED, EXCLUDED, LATER, REPLACED, GONE)
_DECIDED = frozenset({ACCEPTED, REJECTED, REFITTED, EXCLUDED, REPLACED, GONE})
"""Outcomes after which a result no longer awaits a decision, unless it is undone."""


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """Decision of this review, with the number of its value event; None for an exclusion."""

    task_id: str
    event: int | None


@dataclass
class ReviewSession:
    """Review of the flagged results of one list; outcomes and messages are those of the user's actions.

    Parameters
    ----------
    order : list of str
        The results, in the order of the review.
    items : dict
        Results as last loaded, by id.
    titles : dict
        Task and target of every result of the list, by id.
    outcomes : dict
        Outcomes of this review, by result.
    decisions : list of ReviewDecision
        Decisions that can be undone, the last one last.
    reason : str
        The last reason, which the next rejection proposes.
    turn : int
        Number of actions that were handled: an action that arrives twice is performed once.
    failed : bool
        Whether the last action was refused.
    shown : str or None
        Result that is shown, or None. The URL follows it, and sets it when the page is opened.
    refitted : str or None
        Result whose refit form is open.
    every_state : bool
        Whether superseded results and those of excluded targets are reviewed, too.
    key : str
        Common part of the idempotency keys.
    """

    order: list[str] = field(default_factory=list)
    items: dict[str, ReviewItemDocument] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    decisions: list[ReviewDecision] = field(default_factory=list)
    reason: str = ""
    turn: int = 0
    message: str = ""
    failed: bool = False
    shown: str | None = None
    refitted: str | None = None
    is_form_new: bool = False
    every_state: bool = False
    is_loaded: bool = False
    key: str = field(default_factory=lambda: uuid4().hex)

    def tell(self, message: str, *, failed: bool = False) -> None:
        """Keep the outcome of an action for the user."""
        self.message, self.failed = message, failed

    def update(self, found: Sequence[ReviewItemDocument]) -> list[str]:
        """Merge the results that await a decision now, and return the changes since the last time in words.

        A refit takes the place of its original, other new results come last, and results that are gone stay in the list.
        """
        waiting = {one.task_id: one for one in found}
        is_first, self.is_loaded = not self.is_loaded, True
        new = [one for one in waiting if one not in self.order]
        gone = [one for one in self.order if one not in waiting and self.outcomes.get(one) not in _DECIDED]
        for task_id in new:
            self._place(task_id, waiting[task_id].refit_of)
        gone = [one for one in gone if one in self.order]
        for task_id in gone:
            self.outcomes[task_id] = self._describe_absence(task_id)
            self.items.pop(task_id, None)
        for task_id in waiting:
            if self.outcomes.get(task_id) in _DECIDED:  # undone elsewhere
                del self.outcomes[task_id]
        self.items.update(waiting)
        self.titles.update({one.task_id: (one.task, one.target) for one in found})
        if is_first:
            return []
        counts = Counter(self.outcomes[one] for one in gone)
        changes = [format_count(len(new), "new flagged result")] if new else []
        return changes + [f"{format_count(count, 'result')} {outcome}" for outcome, count in counts.items()]

    def find_current(self) -> str | None:
        """Return the shown result if it is in the list, else the first without an outcome, or None."""
        if self.shown in self.order:
            return self.shown
        return next((one for one in self.order if one not in self.outcomes), None)

    def find_following(self, task_id: str) -> str | None:
        """Return the next result without an outcome, from the start again after the end, or None."""
        at = self.order.index(task_id)
        return next((one for one in (*self.order[at + 1 :], *self.order[:at]) if self.is_open(one)), None)

    def find_beside(self, task_id: str, step: int) -> str | None:
        """Return the result that is so many places later in the list, or None beyond its ends."""
        at = self.order.index(task_id) + step
        return self.order[at] if 0 <= at < len(self.order) else None

    def list_of_target(self, target: str) -> list[str]:
        """Return the results of a target, and those of couplings of a qubit."""
        return [one for one in self.order if target in (self.titles[one][1], *self.titles[one][1].split("-"))]

    def is_open(self, task_id: str) -> bool:
        """Return whether this review has not come to a result yet."""
        return task_id not in self.outcomes

    def can_decide(self, task_id: str) -> bool:
        """Return whether a result awaits a decision."""
        item = self.items.get(task_id)
        if item is None or self.outcomes.get(task_id) in _DECIDED:
            return False
        return item.state is ReviewState.WAITING or (self.every_state and bool(item.values))

    def count_outcomes(self) -> Mapping[str, int]:
        """Return the numbers of results by outcome, and of those that were not reviewed."""
        counts = Counter(self.outcomes[one] for one in self.order if one in self.outcomes)
        known = {one: counts[one] for one in _OUTCOMES if counts[one]}
        left = sum(map(self.is_open, self.order))
        return {**known, "not reviewed": left} if left else known

    def _describe_absence(self, task_id: str) -> str:
        """Return the outcome of a result that no longer awaits a decision without a decision of this review."""
        if task_id == self.refitted:
            return REFITTED
        return REPLACED if self.outcomes.get(task_id) == MEASURED else GONE

    def _place(self, task_id: str, original: str | None) -> None:
        """Put a new result into the list: in place of its original, or last."""
        if original in self.order:
            self.order[self.order.index(original)] = task_id
            self.outcomes.pop(original, None)
        else:
            self.order.append(task_id)
