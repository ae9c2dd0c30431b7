"""Comparison of an object before and after a request, for the audit log."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_api.routing.call import Call
from qdash_core.documents.base import Document
from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class ObjectReader:
    """Reader of the object that a request changes: the function of the route that shows it."""

    show: Callable[..., Any]

    def read(self, call: Call, given: Mapping[str, Any]) -> Document | None:
        """Return the object, or None if it does not exist."""
        _, *names = inspect.signature(self.show).parameters
        try:
            found = self.show(Call(call.request), **{name: given[name] for name in names if name in given})
        except NotFoundError:
            return None
        return found if isinstance(found, Document) else None


def perform_recorded(
    function: Callable[..., Any], reader: ObjectReader | None, call: Call, /, **given: Any
) -> Any:
    """Perform a request, record the changed fields in its audit log entry, and return its result.

    Without a reader the request creates the object that it returns. A change by another user between the two reads is
    recorded, too.
    """
    before = None if reader is None else reader.read(call, given)
    result = function(call, **given)
    after = result if reader is None else reader.read(call, given)
    versions = [one.as_json() if isinstance(one, Document) else None for one in (before, after)]
    call.request.state.audit_entry.record_versions(*versions)
    return result
