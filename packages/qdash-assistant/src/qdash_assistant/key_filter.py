"""Removal of the key from the text of an endpoint, which knows it and may return it."""

from __future__ import annotations

HIDDEN = "[key]"
_SHORTEST_SECRET = 8


class KeyFilter:
    """Filter for a text that arrives in pieces; it holds back the start of a possible key.

    Parameters
    ----------
    key : str
        The key, or an empty text if there is none. One of a few characters, as servers without keys get it, is no secret:
        it may be a common word.
    """

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _SHORTEST_SECRET else ""
        self._held = ""

    def hide(self, text: str) -> str:
        """Return a whole text without the key."""
        return text.replace(self._key, HIDDEN) if self._key else text

    def hide_parts(self, text: str) -> str:
        """Return a whole text without the key and without its beginnings and ends, as errors quote them."""
        for length in range(len(self._key), _SHORTEST_SECRET - 1, -1):
            for part in (self._key[:length], self._key[-length:]):
                text = text.replace(part, HIDDEN)
        return text

    def feed(self, piece: str) -> str:
        """Return the part of the text so far that can be shown after this piece."""
        text = self.hide(self._held + piece)
        held = next(
            (n for n in range(min(len(self._key) - 1, len(text)), 0, -1) if self._key.startswith(text[-n:])),
            0,
        )
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def flush(self) -> str:
        """Return the text held back, at the end of the text."""
        text, self._held = self._held, ""
        return text
