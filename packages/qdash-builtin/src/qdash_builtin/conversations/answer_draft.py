"""Draft of an answer: the parts that an assistant has yielded so far, checked and bounded."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.models.conversation import ToolUse
from qdash_builtin.text_pages.user_texts import UNSUITABLE
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import AnswerPart, TextPart, ToolCallPart, ToolResultPart, UsagePart
from qdash_core.models.base import as_json_text
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_core.hooks.assistants import AnswerLimits

LONGEST_ANSWER = 50_000
"""Maximum number of characters of an answer."""
_LONGEST_ARGUMENTS = 4_000
_LONGEST_SUMMARY = 500
_LONGEST_NAME = 100
_MOST_TOKENS = 10**9
_MOST_COST = 1e9


@dataclass(slots=True)
class AnswerDraft:
    """Answer in progress, used by one thread. Without a language model (`has_model`), it uses no tokens."""

    limits: AnswerLimits
    has_model: bool
    text: str = ""
    tools: list[ToolUse] = field(default_factory=list)
    usages: list[UsagePart] = field(default_factory=list)
    is_unsettled: bool = False
    """True if the model has yielded something since it last reported its tokens."""

    def add(self, part: object, *, now: datetime) -> AnswerPart:
        """Add a part, and return it as it is shown and stored.

        Raises
        ------
        AssistantError
            If the answer has reached a limit (of a long text, the beginning is added), or it is not a part of an answer.
        """
        if self.used_tokens >= self.limits.max_tokens and isinstance(part, TextPart | ToolCallPart):
            raise AssistantError(
                f"the answer ended early: it used {self.used_tokens:,} of {self.limits.max_tokens:,} tokens; ask a narrower question"
            )
        match part:
            case TextPart(text=str()):
                return self._add_text(part)
            case ToolCallPart(call_id=str(), name=str()):
                return self._add_tool_call(part, now)
            case ToolResultPart(call_id=str(), name=str(), summary=str()):
                return self._add_tool_result(part)
            case UsagePart():
                return self._add_usage(part)
        raise AssistantError(
            f"the assistant yielded {type(part).__name__}, which is no valid part of an answer: it has to be repaired"
        )

    @property
    def used_tokens(self) -> int:
        """Reported number of tokens."""
        return sum(one.input_tokens + one.output_tokens for one in self.usages)

    def count_tokens(self, reserved: int, *, completed: bool) -> int:
        """Return the number of tokens that count in the budgets: those reserved if the model did not report all of them."""
        reports_all = not self.is_unsettled or (completed and self.usages)
        return self.used_tokens if reports_all else max(self.used_tokens, reserved)

    def apply_to(self, message: ConversationMessageModel, *, now: datetime) -> ConversationMessageModel:
        """Return the message with the answer so far."""
        costs = [one.cost for one in self.usages]
        currencies = {one.currency for one in self.usages}
        is_cost_known = bool(costs) and None not in costs and len(currencies) == 1
        return message.with_changes(
            now=now,
            answer=self.text,
            tools=[*self.tools],
            input_tokens=sum(one.input_tokens for one in self.usages) if self.usages else None,
            output_tokens=sum(one.output_tokens for one in self.usages) if self.usages else None,
            cost=math.fsum(one for one in costs if one is not None) if is_cost_known else None,
            currency=next(iter(currencies)) if is_cost_known else "",
        )

    def _add_text(self, part: TextPart) -> TextPart:
        text = clean_text(part.text)
        room = LONGEST_ANSWER - len(self.text)
        self.text += text[:room]
        self.is_unsettled = self.has_model
        if len(text) > room:
            raise AssistantError(f"the answer was cut off: it is longer than {LONGEST_ANSWER:,} characters")
        return TextPart(text)

    def _add_tool_call(self, part: ToolCallPart, now: datetime) -> ToolCallPart:
        self.is_unsettled = self.has_model
        if len(self.tools) >= self.limits.max_tool_calls:
            raise AssistantError(
                f"the answer ended early: it used its {self.limits.max_tool_calls} tool calls; ask a narrower question"
            )
        made = ToolCallPart(_bound(part.call_id), _bound(part.name), _bound_arguments(part.arguments))
        self.tools.append(
            ToolUse(
                call_id=made.call_id,
                name=made.name,
                arguments=dict(made.arguments),
                position=len(self.text),
                called_at=now,
            )
        )
        return made

    def _add_tool_result(self, part: ToolResultPart) -> ToolResultPart:
        seconds = float(part.seconds) if isinstance(part.seconds, int | float) else 0.0
        made = replace(
            part,
            call_id=_bound(part.call_id),
            name=_bound(part.name),
            ok=bool(part.ok),
            summary=_bound(part.summary, _LONGEST_SUMMARY),
            seconds=seconds if math.isfinite(seconds) and seconds >= 0 else 0.0,
        )
        for index, tool in enumerate(self.tools):
            if tool.call_id == made.call_id and tool.ok is None:
                end = {"ok": made.ok, "summary": made.summary, "seconds": made.seconds}
                self.tools[index] = tool.model_copy(update=end)
                return made
        raise AssistantError(
            f"the assistant yielded the result of tool {made.name}, which it had not called: it has to be repaired"
        )

    def _add_usage(self, part: UsagePart) -> UsagePart:
        self.usages.append(_check_usage(part))
        self.is_unsettled = False
        return self.usages[-1]


def clean_text(text: str) -> str:
    """Return a text without control characters and halves of characters, which no store accepts."""
    return UNSUITABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r", ""))


def _bound(text: str, most: int = _LONGEST_NAME) -> str:
    return " ".join(clean_text(text[: 2 * most]).split())[:most]


def _bound_arguments(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return arguments as JSON, or the beginning of their text if they are long or no JSON."""
    try:
        text = as_json_text(dict(arguments)).decode()
    except (TypeError, ValueError, RecursionError):
        return {"cut_off": "these arguments are no JSON"}
    if len(text) > _LONGEST_ARGUMENTS:
        return {"cut_off": clean_text(text[:_LONGEST_ARGUMENTS])}
    found: dict[str, Any] = parse_json(text)
    return found


def _check_usage(part: UsagePart) -> UsagePart:
    counts = (part.input_tokens, part.output_tokens)
    if not all(type(one) is int and 0 <= one < _MOST_TOKENS for one in counts):
        raise AssistantError("the assistant reported an impossible number of tokens: it has to be repaired")
    cost = part.cost
    is_known = isinstance(cost, int | float) and 0 <= cost < _MOST_COST and bool(part.currency)
    return UsagePart(*counts, float(cost), _bound(part.currency, 10)) if is_known else UsagePart(*counts)  # type: ignore[arg-type]
