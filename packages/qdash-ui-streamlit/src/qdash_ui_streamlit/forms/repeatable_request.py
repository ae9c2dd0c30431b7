"""Request of a form that has one effect, however often its button is pressed."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass
class RepeatableRequest:
    """Idempotency key of the request of a form.

    The next form has another `number`, so that a late click does not act on it. `is_done`: the host has accepted it.
    """

    number: int = 0
    is_done: bool = False
    _sent: object = field(default=None, init=False)
    _key: str = field(default="", init=False)

    def make_key(self, content: object) -> str:
        """Return the key for a content: the former one if the same content is sent again."""
        if not self._key or content != self._sent:
            self._sent, self._key = content, uuid4().hex
        return self._key

    def make_next(self) -> RepeatableRequest:
        """Return the request of the next form."""
        return RepeatableRequest(self.number + 1)
