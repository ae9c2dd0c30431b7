"""Errors of the endpoint as sentences with a remedy, without the key and without the endpoint's own long texts."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
from openai import APIStatusError
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
)

from qdash_assistant.transport import MOST_BYTES, OversizedAnswerError
from qdash_core.errors import AssistantError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_assistant.key_filter import KeyFilter
    from qdash_assistant.settings import AssistantSettings

_LONGEST_DETAIL = 200


class RefusedRequestError(AssistantError):
    """The endpoint did not begin an answer, so that the request used no tokens."""


def describe_failure(
    error: Exception, *, settings: AssistantSettings, key_filter: KeyFilter, in_answer: bool
) -> AssistantError:
    """Return the error of a request as an AssistantError.

    Errors are those of pydantic-ai or the libraries below it; `in_answer` if a part of the answer has arrived.
    """
    host = urlsplit(settings.url or "").netloc
    endpoint = f"the endpoint of the assistant at {host}"
    causes = list(_list_causes(error))
    if any(isinstance(cause, OversizedAnswerError) for cause in causes):
        return AssistantError(
            f"{endpoint} sent an answer of more than {MOST_BYTES // 1_000_000} MB, or a compressed one: check QDASH_ASSISTANT_URL"
        )
    if any(isinstance(cause, UnicodeDecodeError) for cause in causes):
        return AssistantError(
            f"{endpoint} sent text that is not UTF-8, which cannot be read: ask again, or report it to the operator of the endpoint"
        )
    if any(isinstance(cause, httpx2.ReadTimeout | httpx2.WriteTimeout) for cause in causes):
        return AssistantError(
            f"{endpoint} sent nothing for {settings.timeout_s:g} s: ask again, or raise QDASH_ASSISTANT_TIMEOUT_S"
        )
    if any(isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout) for cause in causes):
        detail = _shorten(key_filter.hide(_describe_connection(causes)))
        return RefusedRequestError(
            f"{endpoint} cannot be reached ({detail}): check QDASH_ASSISTANT_URL, and that the endpoint runs"
        )
    for cause in causes:
        if isinstance(cause, APIStatusError) and 300 <= cause.status_code < 400:
            target = _get_host(cause.response.headers.get("location", "")) or "another address"
            return RefusedRequestError(
                f"{endpoint} redirects to {_shorten(key_filter.hide(target))}, which is not followed: set QDASH_ASSISTANT_URL to the final address"
            )
    if isinstance(error, ModelAPIError) and not isinstance(error, ModelHTTPError) and in_answer:
        return AssistantError(f"{endpoint} broke off its answer{_quote_detail(error, key_filter)}: ask again")
    if isinstance(error, ModelAPIError):
        is_refused = isinstance(error, ModelHTTPError) and not error.in_stream
        kind = RefusedRequestError if is_refused else AssistantError
        return kind(f"{endpoint} {_describe_refusal(error, settings, key_filter)}")
    return AssistantError(
        f"{endpoint} sent an answer that cannot be read: check that QDASH_ASSISTANT_URL is the address of an OpenAI-compatible API"
    )


def _get_host(address: str) -> str:
    try:
        return urlsplit(address).netloc.rpartition("@")[2]  # without a user's name and password
    except ValueError:
        return ""


def _describe_connection(causes: Sequence[BaseException]) -> str:
    """Return the reason why there is no connection: that of the operating system, or that of the library."""
    for cause in causes:
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not valid: {cause.verify_message}"
            case ssl.SSLError():
                return cause.reason or "TLS"
            case socket.gaierror():
                return cause.strerror or "unknown host"
            case OSError(errno=int(number)):
                return os.strerror(number)  # the text of the error is asyncio's, with the address as a tuple
    return str(causes[-1]) or type(causes[-1]).__name__


def _describe_refusal(error: ModelAPIError, settings: AssistantSettings, key_filter: KeyFilter) -> str:
    match error:
        case ModelAuthenticationError():
            return "refuses the key: check QDASH_ASSISTANT_KEY or QDASH_ASSISTANT_KEY_FILE"
        case ModelQuotaExceededError():
            return "reports that its quota or credit is used up: check the account with its operator"
        case ModelRateLimitError():
            wait = "later" if error.retry_after is None else f"in {max(error.retry_after, 1):.0f} s"
            return f"has too many requests: ask again {wait}"
        case ModelNotFoundError():
            return f"does not know the model {settings.model} or the path of the address: check QDASH_ASSISTANT_MODEL and QDASH_ASSISTANT_URL"
        case ModelContextWindowExceededError():
            return "cannot take a conversation of this length: start another conversation, or ask for less"
        case ModelRequestRejectedError():
            detail = _quote_detail(error, key_filter)
            pictures = " and accepts images, or unset QDASH_ASSISTANT_PICTURES" if settings.pictures else ""
            return (
                f"refuses the request{detail}: check that the model {settings.model} can call tools{pictures}"
            )
        case ModelHTTPError():
            return f"failed with status {error.status_code}: ask again later"
        case _ if error.in_stream:
            return f"reports an error{_quote_detail(error, key_filter)}: ask again later"
        case _:
            return "sent an answer that cannot be read: check that QDASH_ASSISTANT_URL is the address of an OpenAI-compatible API"


def _quote_detail(error: ModelAPIError, key_filter: KeyFilter) -> str:
    body = error.body
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message") if isinstance(inner, dict) else inner
    # Cut last: a short part of the key would not be recognised.
    return f" ({_shorten(key_filter.hide(message))})" if isinstance(message, str) and message.strip() else ""


def _shorten(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_DETAIL else f"{line[:_LONGEST_DETAIL]}..."


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
