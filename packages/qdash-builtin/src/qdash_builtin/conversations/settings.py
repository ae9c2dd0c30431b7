"""Settings of questions to assistants."""

from __future__ import annotations

from pydantic import Field

from qdash_core.settings import FeatureSettings


class ConversationSettings(FeatureSettings):
    """Assistant that answers, and its budgets."""

    assistant: str | None = None
    """Name of the assistant that answers questions; by default the first that is configured, in the order of `qdash plugins list`."""
    assistant_tokens_per_question: int = Field(default=100_000, gt=0, le=100_000_000)
    """Tokens that the answer to one question may use, input and output."""
    assistant_tokens_per_user_day: int = Field(default=500_000, ge=0, le=10_000_000_000)
    """Tokens that the questions of a user in a project may use on one day; 0: none may be asked."""
    assistant_tokens_per_day: int = Field(default=2_000_000, ge=0, le=10_000_000_000)
    """Tokens that all questions in a project may use on one day; 0: none may be asked."""
    assistant_tool_calls: int = Field(default=20, gt=0, le=1_000)
    """Calls of tools that one answer may make."""
    assistant_answer_s: float = Field(default=180.0, gt=0, le=3_600.0, allow_inf_nan=False)
    """Longest duration of an answer, in seconds."""
    assistant_answers: int = Field(default=4, gt=0, le=100)
    """Answers that may run at the same time in one process."""
    assistant_answers_per_user: int = Field(default=2, gt=0, le=100)
    """Answers to one user that may run at the same time in one process."""
