"""Replacement of what differs between two recordings: times of the machine, random ids, secrets, processes and paths."""

from __future__ import annotations

import os
import re
import socket
from base64 import b64decode, b64encode, urlsafe_b64encode
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|\+00:00)")
_STEP, _LONG_STEP = timedelta(seconds=30), timedelta(hours=1)
_DIGITS = 6
_SHORTEST_FILE = 100
_UUID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
_HEX = r"\b(?:(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,64}|\d{12,64})\b"
_SECRET = r"(?<![\w-])[\w-]{43}(?![\w-])"  # noqa: S105  the form of one
_RANDOM = re.compile(f"{_UUID}|{_HEX}|{_SECRET}|(?<=qdash_)[\\w-]{{43}}")
_HOST, _HOME, _PROCESS = "laboratory", "/srv/qdash", 4242


class Cleaner:
    """Makes JSON that is the same in every recording.

    Parameters
    ----------
    folder : Path
        Folder of the recording.
    began : datetime
        Begin of the recording by the clock of the machine. Later times are moved: the first one of an object to `start`, and
        its others by as much, in steps of half a minute; after ten minutes in steps of an hour.
    ended : datetime
        Its end.
    start : datetime
        First time of the simulated clock.
    """

    def __init__(self, folder: Path, *, began: datetime, ended: datetime, start: datetime) -> None:
        self._folder, self._began, self._ended, self._start = str(folder), began, ended, start
        self._first = began
        self._known: dict[str, str] = {}

    def clean(self, value: Any) -> Any:
        """Return JSON with new texts, and numbers of a few digits."""
        if isinstance(value, dict):
            outer, self._first = self._first, self._find_first_time(value)
            cleaned = {self._clean_text(name): self.clean(one) for name, one in value.items()}
            self._first = outer
            return cleaned
        if isinstance(value, list):
            return [self.clean(one) for one in value]
        if isinstance(value, str):
            return self._clean_text(value)
        if isinstance(value, float):
            return float(f"{value:.{_DIGITS}g}")
        return _PROCESS if value == os.getpid() else value

    def _find_first_time(self, value: dict[str, Any]) -> datetime:
        """Return the first time of the machine in the fields of an object; that of the outer object if there is none."""
        texts = (one for one in value.values() if isinstance(one, str))
        times = (_parse(found) for text in texts for found in _TIME.finditer(text))
        return min(
            (one for one in times if self._began < one + _STEP and one <= self._ended), default=self._first
        )

    def _clean_text(self, text: str) -> str:
        if len(text) > _SHORTEST_FILE:
            with suppress(ValueError):  # unless it is a file
                content = b64decode(text, validate=True).decode()
                return b64encode(_TIME.sub(self._move_time, content).encode()).decode()
        text = text.replace(self._folder, _HOME)
        text = re.sub(rf"\b{re.escape(socket.gethostname())}\b", _HOST, text)
        text = text.replace(f"process {os.getpid()}", f"process {_PROCESS}")
        text = _RANDOM.sub(self._rename, _TIME.sub(self._move_time, text))
        return text.replace(self._began.date().isoformat(), self._start.date().isoformat())

    def _move_time(self, found: re.Match[str]) -> str:
        _day, middle, time, zone = found.groups()
        moment = _parse(found)
        if moment + _STEP > self._began and time == "00:00:00":
            moment = self._start.replace(hour=0) + timedelta(days=1)  # the next midnight
        elif moment + _STEP > self._began:
            later = moment - self._first
            step = _STEP if later < timedelta(minutes=10) else _LONG_STEP
            moment = self._start + (later + step / 2) // step * step
        return moment.strftime(f"%Y-%m-%d{middle}%H:%M:%S") + zone

    def _rename(self, found: re.Match[str]) -> str:
        """Return the id or secret that replaces a random one; its number in the order of appearance gives it."""
        old = found[0]
        if old not in self._known:
            digest = sha256(str(len(self._known)).encode())
            new = (
                digest.hexdigest()
                if re.fullmatch(f"{_UUID}|{_HEX}", old)
                else urlsafe_b64encode(digest.digest()).decode()
            )
            if re.fullmatch(_UUID, old):
                new = "-".join((new[:8], new[8:12], new[12:16], new[16:20], new[20:]))
            self._known[old] = new[: len(old)]
        return self._known[old]


def _parse(found: re.Match[str]) -> datetime:
    """Return the time of a match of `_TIME`."""
    day, _, time, _ = found.groups()
    return datetime.fromisoformat(f"{day}T{time}+00:00")
