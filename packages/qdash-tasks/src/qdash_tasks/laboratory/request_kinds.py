"""Kinds of requests: the standard ones, and those of plugins that a laboratory plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.pair_requests import PAIR_REQUESTS, PairRequest
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import CAPTURE_REQUESTS, QUBIT_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_tasks.laboratory.limits import Limits

STANDARD_REQUESTS = QUBIT_REQUESTS | CAPTURE_REQUESTS | PAIR_REQUESTS
"""All kinds of measurement of this distribution: a laboratory lists those that it supports."""


def is_playable(kind: type[Request], listed: Collection[type[Request]], limits: Limits) -> bool:
    """Return whether a laboratory that plays pulses supports a kind without listing it.

    It does if a plugin provides its programs (`Request.compiled`) and the limits allow it; a kind on couplings also needs
    a listed one.
    """
    is_on_couplings = issubclass(kind, PairRequest)
    return (
        kind not in STANDARD_REQUESTS
        and kind.compiled is not Request.compiled
        and kind.possible_with(limits)
        and (not is_on_couplings or any(issubclass(one, PairRequest) for one in listed))
    )


def list_request_classes() -> frozenset[type[Request]]:
    """Return all request classes, including those of plugins that are imported."""
    found: set[type[Request]] = set(STANDARD_REQUESTS)
    left: list[type[Request]] = [Request]
    while left:
        subclasses = left.pop().__subclasses__()
        found.update(subclasses)
        left.extend(subclasses)
    return frozenset(found)
