"""One answer: requests to the model and calls of tools in turn, within the limits."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from pydantic_ai.messages import (
    BinaryContent,
    ModelRequest,
    ModelResponse,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.messages import (
    TextPart as ModelText,
)
from pydantic_ai.messages import (
    ToolCallPart as ModelCall,
)

from qdash_assistant.endpoint import measure
from qdash_assistant.endpoint_errors import RefusedRequestError
from qdash_assistant.instructions import make_instructions
from qdash_assistant.tool_calls import (
    ToolBox,
    frame_error,
    frame_result,
    parse_arguments,
    summarise,
    write_json,
)
from qdash_core.errors import AssistantError, InvalidInputError, QDashError
from qdash_core.hooks.assistants import TextPart, ToolCallPart, ToolResultPart, UsagePart

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from pydantic_ai.messages import ModelMessage, ModelResponsePart

    from qdash_assistant.endpoint import Endpoint
    from qdash_assistant.key_filter import KeyFilter
    from qdash_assistant.settings import AssistantSettings
    from qdash_core.hooks.assistants import AnswerLimits, AnswerPart, AssistantTool, ToolPicture, Turn

_BYTES_PER_TOKEN = 4
_FEWEST_OUTPUT_TOKENS = 64
_TILE, _TOKENS_PER_TILE, _TOKENS_PER_PICTURE = 512, 170, 85
"""Tokens of a picture as OpenAI estimates them; the tokens that the endpoint reports replace the estimate."""
_MOST_CALLS_AT_ONCE = 32
_MOST_TOKENS = 10**9 - 1
_LONGEST_NAME = 64
_NO_FURTHER_CALLS = InvalidInputError("no further calls in this answer: answer with what you have")


class AnswerRun:
    """The run of one answer.

    `key_filter` hides the key in everything that the endpoint sends; `check` is called before each call of a tool, and
    ends the answer by an exception.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        settings: AssistantSettings,
        key_filter: KeyFilter,
        tools: Sequence[AssistantTool],
        limits: AnswerLimits,
        clock: Callable[[], float],
        check: Callable[[], None],
    ) -> None:
        self._check = check
        self._endpoint = endpoint
        self._settings = settings
        self._key_filter = key_filter
        self._tools = ToolBox(tools)
        self._limits = limits
        self._clock = clock
        self._messages: list[ModelMessage] = []
        self._size = 0
        self._used_tokens = 0
        self._calls = 0
        self._has_called = False
        self._has_text = False
        self._paragraph_ended = False

    def run(self, question: str, history: Sequence[Turn], context: Mapping[str, Any]) -> Iterator[AnswerPart]:
        """Yield the parts of the answer; raise AssistantError if it cannot be completed."""
        try:
            yield from self._run(question, history, context)
        except Exception:
            if self._has_called:  # the tokens of the calls are reported, which the caller cannot know
                yield self._count(0, 0, reported=True)
            raise

    def _run(
        self, question: str, history: Sequence[Turn], context: Mapping[str, Any]
    ) -> Iterator[AnswerPart]:
        self._begin(question, history, make_instructions(context))
        while True:
            self._check()
            # After the last permitted call the model has to answer with what it has.
            may_call = self._calls < self._limits.max_tool_calls
            response = _clean_response((yield from self._request(may_call=may_call)))
            calls = response.tool_calls
            self._check_end(response, calls)
            if not calls:
                return
            if not may_call:
                raise self._make_calls_error(len(calls))
            results = []
            for call in calls:
                results.append((yield from self._call_tool(call)))
            said = [response.text or "", *(str(call.args) for call in calls)]
            self._add(response, measure(said))
            self._add(ModelRequest(parts=results), sum(_measure_result(result) for result in results))

    def _begin(self, question: str, history: Sequence[Turn], instructions: str) -> None:
        schemas = [
            (tool.name, tool.description, tool.parameters_json_schema)
            for tool in self._tools.list_definitions()
        ]
        self._size = measure([instructions, json.dumps(schemas)])
        for turn in _select_turns(history, room=self._limits.max_tokens * _BYTES_PER_TOKEN // 4):
            message: ModelMessage
            if turn.role == "user":
                message = ModelRequest(parts=[UserPromptPart(turn.text)])
            else:
                message = ModelResponse(parts=[ModelText(turn.text)])
            self._add(message, measure([turn.text]))
        request = ModelRequest(parts=[UserPromptPart(question)], instructions=instructions)
        self._add(request, measure([question]))

    def _add(self, message: ModelMessage, size: int) -> None:
        self._messages.append(message)
        self._size += size

    def _request(self, *, may_call: bool) -> Generator[AnswerPart, None, ModelResponse]:
        input_tokens = _estimate_tokens(self._size)
        room = self._get_room()
        if room < _FEWEST_OUTPUT_TOKENS:
            raise self._make_limit_error()
        tools = self._tools.list_definitions() if may_call else []
        most = min(room, self._settings.output_tokens)
        stream = self._endpoint.stream(self._messages, tools=tools, max_tokens=most)
        size = calls = 0
        response: ModelResponse | None = None
        try:
            while response is None:
                try:
                    piece = next(stream)
                except StopIteration as end:
                    response = end.value
                else:
                    size += piece.size
                    calls += piece.begins_call
                    yield from self._show(self._key_filter.feed(piece.text))
                    if _estimate_tokens(size) > room:
                        raise self._make_limit_error()
                    if calls > _MOST_CALLS_AT_ONCE:
                        raise self._make_calls_error(calls)
        except RefusedRequestError:
            raise
        except Exception:
            yield from self._show(self._key_filter.flush())
            yield self._count(input_tokens, _estimate_tokens(size), reported=False)
            raise
        finally:
            stream.close()
        yield from self._show(self._key_filter.flush())
        usage = response.usage
        if usage.input_tokens > 0 or usage.output_tokens > 0:
            yield self._count(usage.input_tokens, usage.output_tokens, reported=True)
        else:
            yield self._count(input_tokens, _estimate_tokens(size), reported=False)
        return response

    def _get_room(self) -> int:
        """Return the number of tokens that the model may write in the next request."""
        return self._limits.max_tokens - self._used_tokens - _estimate_tokens(self._size)

    def _show(self, text: str) -> Iterator[AnswerPart]:
        if cleaned := _clean(text):
            # The text before a call of a tool and the text after it are separate paragraphs.
            yield TextPart(f"\n\n{cleaned}" if self._paragraph_ended else cleaned)
            self._paragraph_ended, self._has_text = False, True

    def _count(self, input_tokens: int, output_tokens: int, *, reported: bool) -> UsagePart:
        """Count tokens, which are estimated if the endpoint reports none; an estimate has no cost."""
        read, written = (min(max(tokens, 0), _MOST_TOKENS) for tokens in (input_tokens, output_tokens))
        self._used_tokens += read + written
        self._has_called = False
        cost = self._settings.compute_cost(read, written) if reported else None
        return UsagePart(read, written, cost, "" if cost is None else self._settings.currency)

    def _check_end(self, response: ModelResponse, calls: Sequence[ModelCall]) -> None:
        match response.finish_reason:
            case "length" if self._get_room() > _FEWEST_OUTPUT_TOKENS:
                raise AssistantError(
                    f"the model wrote its {self._settings.output_tokens} tokens at once and was cut off: ask for less, or raise"
                    " QDASH_ASSISTANT_OUTPUT_TOKENS"
                )
            case "length":
                raise self._make_limit_error()
            case "content_filter":
                raise AssistantError("the model declined to answer: ask in other words")
            case "error":
                raise AssistantError("the endpoint broke off its answer: ask again")
            case _:
                if not calls and not (response.text or "").strip():
                    raise AssistantError("the model returned an empty answer: ask again, or in other words")

    def _call_tool(self, call: ModelCall) -> Generator[AnswerPart, None, ToolReturnPart]:
        self._check()
        if self._calls == self._limits.max_tool_calls:
            # A call that is not made is no part of the answer.
            return _make_return(call, frame_error(call.tool_name, _NO_FURTHER_CALLS))
        self._calls += 1
        self._paragraph_ended = self._has_text
        name = _clean(self._key_filter.hide(call.tool_name))[:_LONGEST_NAME]
        call_id = f"call-{self._calls}"
        arguments, refusal = self._read_arguments(call)
        self._has_called = True
        yield ToolCallPart(call_id, name, arguments)
        started = self._clock()
        try:
            if refusal is not None:
                raise refusal
            result = self._tools.call(name, arguments)
            document = write_json(result.document)
            content, ok, summary = frame_result(name, document), True, summarise(result, len(document))
            pictures = result.pictures
            self._size += _measure_pictures(pictures)
        except QDashError as error:
            content, ok, summary, pictures = frame_error(name, error), False, str(error), ()
        yield ToolResultPart(call_id, name, ok, summary, self._clock() - started)
        return _make_return(call, content, pictures)

    def _read_arguments(self, call: ModelCall) -> tuple[dict[str, Any], InvalidInputError | None]:
        try:
            # Written anew before the key is looked for, since JSON may escape any of its characters.
            return parse_arguments(self._key_filter.hide(write_json(parse_arguments(str(call.args))))), None
        except InvalidInputError as error:
            return {}, error

    def _make_calls_error(self, further: int) -> AssistantError:
        return AssistantError(
            f"the model does not stop calling tools ({self._calls + further} calls, the limit is"
            f" {self._limits.max_tool_calls}): ask a narrower question"
        )

    def _make_limit_error(self) -> AssistantError:
        return AssistantError(
            f"the answer needs more than its {self._limits.max_tokens} tokens: ask a narrower question, or raise"
            " QDASH_ASSISTANT_TOKENS_PER_QUESTION"
        )


def _clean_response(response: ModelResponse) -> ModelResponse:
    """Return a response that can be sent back: the arguments of its calls are text, and no text has half a character."""

    def clean(part: ModelResponsePart) -> ModelResponsePart:
        match part:
            case ModelText():
                return replace(part, content=_encode(part.content))
            case ModelCall():
                args = part.args if isinstance(part.args, str) else json.dumps(part.args or {})
                return ModelCall(_encode(part.tool_name), _encode(args), _encode(part.tool_call_id))
            case _:
                return part

    return replace(response, parts=[clean(part) for part in response.parts])


def _encode(text: str) -> str:
    return text.encode(errors="replace").decode()


def _select_turns(history: Sequence[Turn], *, room: int) -> list[Turn]:
    """Return the newest turns of a conversation that have so many bytes together, from a question on."""
    kept: list[Turn] = []
    for turn in reversed(history):
        room -= len(turn.text.encode())
        if room < 0:
            break
        kept.append(turn)
    # Endpoints refuse messages without text, and some a conversation that does not begin with a question.
    told = [turn for turn in reversed(kept) if turn.text.strip()]
    return [*dropwhile(lambda turn: turn.role == "assistant", told)]


def _make_return(call: ModelCall, content: str, pictures: Sequence[ToolPicture] = ()) -> ToolReturnPart:
    """Return the result of a call; its pictures follow the results in a message of their own, framed with the name of the tool."""
    files = [BinaryContent(one.content, media_type="image/png") for one in pictures]
    return ToolReturnPart(
        tool_name=call.tool_name,
        content=[content, *files] if files else content,
        tool_call_id=call.tool_call_id,
    )


def _measure_result(result: ToolReturnPart) -> int:
    """Return the number of bytes of the text of a result, without its pictures."""
    return measure(one for one in result.content_items(mode="str") if isinstance(one, str))


def _measure_pictures(pictures: Iterable[ToolPicture]) -> int:
    """Return about the number of bytes of text that cost as many tokens as the pictures: models read them in tiles."""
    tiles = [-(-one.width // _TILE) * -(-one.height // _TILE) for one in pictures]
    return sum(_TOKENS_PER_PICTURE + number * _TOKENS_PER_TILE for number in tiles) * _BYTES_PER_TOKEN


def _estimate_tokens(size: int) -> int:
    """Return about the number of tokens of so many bytes of text."""
    return -(-size // _BYTES_PER_TOKEN)


def _clean(text: str) -> str:
    """Return a text without characters that cannot be stored or shown."""
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in _encode(text))
