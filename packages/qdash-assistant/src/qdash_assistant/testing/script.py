"""Scripts of the scripted endpoint: its answers to questions, turn by turn."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.yaml_parser import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Message: TypeAlias = "Mapping[str, Any]"
"""Message of a request, as in the chat completions of OpenAI."""

_PNG = "data:image/png;base64,"
_PLACEHOLDER = re.compile(r"<<(\w+):([\w.-]+)>>")


class ScriptedCall(BaseModel):
    """Call of a tool; arguments that are text are sent as they are, even if they are not JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)


class ScriptedUsage(BaseModel):
    """Tokens that the endpoint reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: int
    output: int


class ScriptedTurn(BaseModel):
    """Answer to one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | tuple[str, ...] = ()
    """Text, sent word by word, or its pieces."""
    tool_calls: tuple[ScriptedCall, ...] = ()
    """Calls of tools after the text."""
    usage: ScriptedUsage | None = ScriptedUsage(input=100, output=20)
    """Reported tokens, or None to report none."""
    finish: Literal["stop", "tool_calls", "length", "content_filter", "none"] | None = None
    """Reason for the end; None is that of the contents, `none` sends no reason."""
    wait_s: float = 0.0
    """Time before the first byte."""
    delay_s: float = 0.0
    """Time between pieces."""
    status: int = 200
    """Status; if it is not 200, `body` is the answer."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Further headers."""
    body: str = ""
    """Body of an answer with another status."""
    raw: str = ""
    """Text sent after the pieces as it is, in place of the end of the stream."""
    cut: bool = False
    """True to break the connection after the pieces."""

    def list_pieces(self) -> list[str]:
        """Return the pieces of the text."""
        return re.findall(r"\S+\s*|\s+", self.text) if isinstance(self.text, str) else list(self.text)


class ScriptedAnswer(BaseModel):
    """Answer to a question; each turn answers one request, and the last one all further requests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = ""
    """Text that the question contains."""
    turns: tuple[ScriptedTurn, ...] = Field(min_length=1)


class Script(BaseModel):
    """Answers to questions. The first one whose text is part of the question is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: tuple[ScriptedAnswer, ...]

    def find_turn(self, messages: Sequence[Message]) -> ScriptedTurn:
        """Return the turn for the messages of a request.

        It depends on the last question and the number of answers after it alone: several conversations do not disturb
        each other. A message with pictures carries a tool result. `<<TOOL:PATH>>` in texts and arguments is replaced by
        the value at this path, such as `targets.0.task_id`, of the last result of this tool.
        """
        last = max((n for n, message in enumerate(messages) if _is_question(message)), default=-1)
        question = get_text(messages[last]) if last >= 0 else ""
        number = sum(message["role"] == "assistant" for message in messages[last + 1 :])
        for answer in self.answers:
            if answer.question in question:
                turn = answer.turns[min(number, len(answer.turns) - 1)]
                return _fill(turn, list(list_results(messages[last + 1 :])))
        return ScriptedTurn(text="The script has no answer to this question.")


def read_script(path: Path) -> Script:
    """Return the script in a YAML file; raise InvalidInputError if it is not one."""
    try:
        return Script.model_validate(parse_yaml(path.read_text("utf-8")))
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise InvalidInputError(f"{path}: {': '.join(find_first_error(error))}") from error


def get_text(message: Message) -> str:
    """Return the text of a message."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _is_question(message: Message) -> bool:
    return message["role"] == "user" and not list_pictures(message)


def list_pictures(message: Message) -> list[bytes]:
    """Return the PNG files embedded in a message."""
    content = message.get("content") or ""
    parts = [] if isinstance(content, str) else content
    addresses = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [b64decode(address.removeprefix(_PNG), validate=True) for address in addresses]


def list_results(messages: Sequence[Message]) -> Iterator[tuple[str, Any]]:
    """Yield the tool and the result of each message with a result, as the assistant frames them."""
    for message in messages:
        if message["role"] == "tool":
            framed = parse_json(get_text(message))
            if isinstance(framed, list):  # of a result with pictures: their names follow it
                framed = parse_json(framed[0])
            yield framed["tool"], framed.get("result")


def _fill(turn: ScriptedTurn, results: list[tuple[str, Any]]) -> ScriptedTurn:
    text = turn.model_dump_json()
    known = dict(results)

    def replace(match: re.Match[str]) -> str:
        value = known.get(match[1])
        for step in match[2].split("."):
            if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            elif isinstance(value, dict) and step in value:
                value = value[step]
            else:
                return match[0]
        # Within a JSON string: without the quotation marks of a text.
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    return ScriptedTurn.model_validate(parse_json(_PLACEHOLDER.sub(replace, text)))
