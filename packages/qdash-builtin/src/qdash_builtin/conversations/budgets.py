"""Budgets of tokens: for each question, for each user and day, and for each project and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from qdash_builtin.conversations.models.conversation import AssistantUsageModel
from qdash_builtin.conversations.repository import AssistantUsageRepository
from qdash_core.errors import AssistantError, TooManyError
from qdash_core.models.times import format_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_core.repositories.repositories import Repositories

_SMALLEST_RESERVATION = 1000
"""Tokens with which an answer is worth beginning."""


@dataclass(frozen=True, slots=True)
class TokenBudgets:
    """Maximum numbers of tokens, input and output: for an answer, and for the questions of a day in a project, of one user and of all."""

    per_question: int
    per_user_day: int
    per_day: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Budgets of a user in a project, and the tokens that are used up, with those reserved for running answers.

    Parameters
    ----------
    day : str
        Date in the time zone of the home.
    used_by_user, used : int
        Tokens used on this day, by the user and by all users of the project.
    renews_at : datetime
        Begin of the next day.
    """

    budgets: TokenBudgets
    day: str
    used_by_user: int
    used: int
    renews_at: datetime
    renews_in_s: float

    @property
    def left_for_user(self) -> int:
        """Tokens left for the user, at most those left for the project."""
        return max(0, min(self.budgets.per_user_day - self.used_by_user, self.budgets.per_day - self.used))

    @property
    def are_used_up(self) -> bool:
        """True if too few tokens are left for another question."""
        return self.left_for_user < min(_SMALLEST_RESERVATION, self.budgets.per_question)

    def get_reservation(self, zone: ZoneInfo) -> int:
        """Return the number of tokens to reserve for a question.

        Raises
        ------
        AssistantError
            If a budget is 0.
        TooManyError
            If a budget is used up. The message says which one, and when it is renewed.
        """
        self._require_budgets()
        if self.are_used_up:
            raise TooManyError(self._describe_exhaustion(zone), retry_after_s=self.renews_in_s)
        return min(self.left_for_user, self.budgets.per_question)

    def _require_budgets(self) -> None:
        for name, budget in (("USER_DAY", self.budgets.per_user_day), ("DAY", self.budgets.per_day)):
            if budget == 0:
                raise AssistantError(
                    f"the operator has turned off questions to the assistant (QDASH_ASSISTANT_TOKENS_PER_{name}=0)"
                )

    def _describe_exhaustion(self, zone: ZoneInfo) -> str:
        budgets = self.budgets
        of_user = budgets.per_user_day - self.used_by_user <= budgets.per_day - self.used
        whose, used, budget = (
            ("your budget", self.used_by_user, budgets.per_user_day)
            if of_user
            else ("the budget of the project", self.used, budgets.per_day)
        )
        return (
            f"{whose} for the assistant is used up: {used:,} of {budget:,} tokens on {self.day}, with those reserved for running answers; "
            f"it is renewed at {format_time(self.renews_at, zone)}"
        )


def read_budget_state(
    repositories: Repositories,
    budgets: TokenBudgets,
    project_id: str,
    username: str,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> BudgetState:
    """Return the budgets of a user in a project at a time."""
    today = now.astimezone(zone).date()
    usages = repositories.of(AssistantUsageRepository).list_by_day(project_id, today.isoformat())
    renews_at = datetime.combine(today + timedelta(days=1), time(), zone).astimezone(UTC)
    return BudgetState(
        budgets,
        today.isoformat(),
        sum(one.counted_tokens for one in usages if one.username == username),
        sum(one.counted_tokens for one in usages),
        renews_at,
        (renews_at - now).total_seconds(),
    )


def reserve_tokens(repositories: Repositories, message: ConversationMessageModel) -> None:
    """Count a question and its reserved tokens in the budgets, in the transaction that read their state."""
    usages = repositories.of(AssistantUsageRepository)
    known = usages.find(message.project_id, message.budget_day, message.username) or AssistantUsageModel(
        project_id=message.project_id, day=message.budget_day, username=message.username
    )
    reserved = {**known.reserved, _get_key(message): message.budget_tokens}
    usages.put(known.with_changes(now=message.started_at, reserved=reserved, questions=known.questions + 1))


def settle_tokens(
    repositories: Repositories, message: ConversationMessageModel, tokens: int, *, now: datetime
) -> None:
    """Replace the reserved tokens of a message by those that it used, unless that is done or its project was deleted.

    It can be repeated, since a transaction may be committed although its success is not reported.
    """
    usages = repositories.of(AssistantUsageRepository)
    known = usages.find(message.project_id, message.budget_day, message.username)
    key = _get_key(message)
    if known is not None and key in known.reserved:
        reserved = {one: number for one, number in known.reserved.items() if one != key}
        usages.put(known.with_changes(now=now, tokens=known.tokens + tokens, reserved=reserved))


def _get_key(message: ConversationMessageModel) -> str:
    return f"{message.conversation_id}/{message.number}"
