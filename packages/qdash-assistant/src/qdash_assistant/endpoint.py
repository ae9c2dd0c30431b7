"""Requests to an OpenAI-compatible endpoint, whose answers are read piece by piece without a thread of their own."""

from __future__ import annotations

import asyncio
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from qdash_assistant.endpoint_errors import describe_failure
from qdash_assistant.transport import open_http_client

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.tools import ToolDefinition

    from qdash_assistant.key_filter import KeyFilter
    from qdash_assistant.settings import AssistantSettings

_POLL_INTERVAL_S = 0.1
_PIECES_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """Piece of the answer to a request.

    The text is empty for a piece of the model's reasoning or of a call of a tool; `size` is the number of bytes of any
    piece.
    """

    text: str
    size: int
    begins_call: bool = False


class Endpoint:
    """One endpoint, for the requests of one answer.

    `check` is called several times a second during a request, and ends it by an exception.
    """

    def __init__(
        self,
        runner: asyncio.Runner,
        model: OpenAIChatModel,
        *,
        settings: AssistantSettings,
        key_filter: KeyFilter,
        check: Callable[[], None],
    ) -> None:
        self._runner = runner
        self._model = model
        self._settings = settings
        self._key_filter = key_filter
        self._check = check

    def stream(
        self, messages: Sequence[ModelMessage], *, tools: Sequence[ToolDefinition], max_tokens: int
    ) -> Generator[Piece, None, ModelResponse]:
        """Send one request; yield the pieces of its answer, and return the whole response.

        Raises AssistantError, which says how the endpoint failed and what to do.
        """
        # The pieces are produced by one task, since connections may not move between tasks; it only runs while a piece is awaited.
        pieces: asyncio.Queue[Piece | ModelResponse | Exception] = asyncio.Queue(_PIECES_AHEAD)
        producer = self._runner.run(_start(self._produce(pieces, messages, tools, max_tokens)))
        in_answer = False
        try:
            while True:
                piece = self._runner.run(self._take(pieces))
                if isinstance(piece, ModelResponse):
                    return piece
                if isinstance(piece, Exception):
                    raise describe_failure(
                        piece, settings=self._settings, key_filter=self._key_filter, in_answer=in_answer
                    ) from None
                in_answer = True
                yield piece
        finally:
            self._runner.run(_end(producer))

    async def _produce(
        self,
        pieces: asyncio.Queue[Piece | ModelResponse | Exception],
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDefinition],
        max_tokens: int,
    ) -> None:
        try:
            async with model_request_stream(
                self._model,
                messages,
                model_settings=OpenAIChatModelSettings(max_tokens=max_tokens),
                model_request_parameters=ModelRequestParameters(function_tools=list(tools)),
            ) as stream:
                async for event in stream:
                    piece = _read_event(event)
                    if piece.size or piece.begins_call:
                        await pieces.put(piece)
                await pieces.put(stream.get())
        except Exception as error:  # noqa: BLE001  libraries and endpoint may raise anything; it becomes an AssistantError
            await pieces.put(error)

    async def _take(
        self, pieces: asyncio.Queue[Piece | ModelResponse | Exception]
    ) -> Piece | ModelResponse | Exception:
        while True:
            self._check()
            with suppress(TimeoutError):
                return await asyncio.wait_for(pieces.get(), _POLL_INTERVAL_S)


@contextmanager
def open_endpoint(
    settings: AssistantSettings, *, key_filter: KeyFilter, check: Callable[[], None]
) -> Iterator[Endpoint]:
    """Open the endpoint of the settings, and close its connections at the end."""
    _ignore_quoting_warnings()
    http = open_http_client(settings, settings.read_key())
    client = AsyncOpenAI(
        base_url=settings.url,
        # The key is a header of the HTTP client: the library would keep a copy, and repeat requests at the user's cost.
        api_key="none",
        max_retries=0,
        timeout=http.timeout,
        http_client=http,
    )
    model = OpenAIChatModel(
        settings.model or "",
        provider=OpenAICompatibleProvider("endpoint", openai_client=client),
        # Otherwise an answer that is cut off could pass as a whole one.
        profile=OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True),
    )
    with asyncio.Runner() as runner:
        try:
            yield Endpoint(runner, model, settings=settings, key_filter=key_filter, check=check)
        finally:
            runner.run(http.aclose())


def _ignore_quoting_warnings() -> None:
    """Ignore the warnings of the libraries that quote token counts which are no numbers: the endpoint may send the key there."""
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
    warnings.filterwarnings("ignore", message="Failed to extract usage")


async def _start(produce: Any) -> asyncio.Task[None]:
    return asyncio.create_task(produce)


async def _end(producer: asyncio.Task[None]) -> None:
    producer.cancel()
    with suppress(asyncio.CancelledError):
        await producer


def _read_event(event: object) -> Piece:
    match event:
        case (
            PartStartEvent(part=TextPart(content=text))
            | PartDeltaEvent(delta=TextPartDelta(content_delta=text))
        ):
            return Piece(text, measure([text]))
        case (
            PartStartEvent(part=ThinkingPart(content=thought))
            | PartDeltaEvent(delta=ThinkingPartDelta(content_delta=thought))
        ):
            return Piece("", measure([thought or ""]))
        case PartStartEvent(part=ToolCallPart(tool_name=name, args=args)):
            return Piece("", measure([name, str(args or "")]), begins_call=True)
        case PartDeltaEvent(delta=ToolCallPartDelta(tool_name_delta=name, args_delta=args)):
            return Piece("", measure([name or "", str(args or "")]))
        case _:
            return Piece("", 0)


def measure(texts: Iterable[str]) -> int:
    """Return the number of bytes of texts."""
    return sum(len(text.encode(errors="replace")) for text in texts)
