"""Removal of the key from the text of an endpoint, which knows it and may return it."""

from __future__ import annotations

import re

HIDDEN = "[key]"
_SHORTEST_SECRET = 8


class KeyFilter:
    """Filter for a text that arrives in pieces; it holds back text that may go on as the key, or as a beginning or end of it.

    The key is empty if there is none. One of a few characters, as servers without keys get it, is no secret: it may be a common word.
    """

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _SHORTEST_SECRET else ""
        lengths = range(len(self._key), _SHORTEST_SECRET - 1, -1)
        parts = [part for length in lengths for part in (self._key[:length], self._key[-length:])]
        self._parts = re.compile("|".join(map(re.escape, parts)) or r"(?!)")
        self._held = ""

    def hide(self, text: str) -> str:
        """Return a whole text without the key and without its beginnings and ends, as errors quote them."""
        return self._parts.sub(HIDDEN, text)

    def feed(self, piece: str) -> str:
        """Return the part of the text so far that can be shown after this piece."""
        text = self._held + piece
        longest = min(len(self._key), len(text))
        end = len(text) - next((n for n in range(longest, 0, -1) if text[-n:] in self._key), 0)
        for match in self._parts.finditer(text):
            if match.start() < end < match.end():
                end = match.start()
        self._held = text[end:]
        return self.hide(text[:end])

    def flush(self) -> str:
        """Return the text held back, at the end of the text."""
        text, self._held = self._held, ""
        return self.hide(text)
