"""A twin on disk: the table it comes from, its seed, its options and how many sessions it has seen."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_fake.devices import DeviceTable, parse_device
from qdash_fake.physics import draw_chip
from qdash_fake.session import TwinSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_fake.physics.chip import ChipTruth

_FILE = "twin.json"
_LOCK = "twin.lock"


class TwinOptions(BaseModel):
    """How a twin misbehaves. Each kind of drift or fault is one field here; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    slow: float = Field(default=0.0, ge=0.0, le=3600.0)
    """Seconds of wall time that every measurement takes."""

    @classmethod
    def parse(cls, options: Mapping[str, object]) -> TwinOptions:
        """Check options by name.

        Raises
        ------
        InvalidInputError
            If an option is unknown or its value impossible; the message names it.
        """
        known = ", ".join(cls.model_fields)
        for name in options:
            if name not in cls.model_fields:
                raise InvalidInputError(f"{name!r} is not an option of a twin (known: {known})")
        try:
            return cls.model_validate(dict(options))
        except ValidationError as error:
            complaint = error.errors(include_url=False)[0]
            name = ".".join(map(str, complaint["loc"]))
            raise InvalidInputError(f"{name}: {complaint['input']!r}: {complaint['msg']}") from error


@dataclass(frozen=True, slots=True)
class Twin:
    """A simulated chip below a folder.

    Attributes
    ----------
    folder
        Where its file lies.
    sessions
        How many sessions had been opened when it was read.
    """

    folder: Path
    table: DeviceTable
    seed: int
    options: TwinOptions
    sessions: int = 0

    def truth(self) -> ChipTruth:
        """Return what the chip really is. For judges, never for tasks."""
        return draw_chip(self.table, self.seed)

    def open_session(self) -> TwinSession:
        """Connect: reserve the next session number and return a session of that number."""
        return TwinSession(self.truth(), number=self.reserve_session(), slow_s=self.options.slow)

    def reserve_session(self) -> int:
        """Return the next session number, counted from 1; no two callers on a machine get the same."""
        with _locked(self.folder):
            current = load_twin(self.folder)
            number = current.sessions + 1
            _write(replace(current, sessions=number))
        return number


def twin_folder(home: Path, *, project_id: str, chip_id: str) -> Path:
    """Return where the twin of a chip lies below the home folder."""
    return Path(home) / "twins" / project_id / chip_id


def create_twin(
    folder: Path, table: DeviceTable, seed: int, options: Mapping[str, object] | TwinOptions | None = None
) -> Twin:
    """Write a new twin below `folder`, which is made if need be.

    Raises
    ------
    InvalidInputError
        If an option or the seed is impossible.
    ConflictError
        If there is a twin already.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InvalidInputError(f"seed: {seed!r} is not a whole number")
    checked = options if isinstance(options, TwinOptions) else TwinOptions.parse(options or {})
    twin = Twin(Path(folder), table, seed, checked)
    twin.folder.mkdir(parents=True, exist_ok=True)
    with _locked(twin.folder):
        if (twin.folder / _FILE).exists():
            raise ConflictError(
                f"{twin.folder} holds a twin already: choose another chip id, or delete the chip first"
            )
        _write(twin)
    return twin


def load_twin(folder: Path) -> Twin:
    """Read the twin below `folder`.

    Raises
    ------
    NotFoundError
        If there is none.
    InvalidInputError
        If its file is broken.
    """
    path = Path(folder) / _FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} holds no twin: make one with `qdash twin create`") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"{path} is broken: {error}") from error
    return Twin(Path(folder), *_checked(data, path))


def _checked(data: object, path: Path) -> tuple[DeviceTable, int, TwinOptions, int]:
    if not isinstance(data, dict):
        raise InvalidInputError(f"{path} is broken: not a JSON object")
    missing = [name for name in ("table", "seed", "options", "sessions") if name not in data]
    if missing:
        raise InvalidInputError(f"{path} is broken: {missing[0]} is missing")
    for name in ("seed", "sessions"):
        if isinstance(data[name], bool) or not isinstance(data[name], int):
            raise InvalidInputError(f"{path} is broken: {name}: {data[name]!r} is not a whole number")
    if not isinstance(data["options"], dict) or data["sessions"] < 0:
        raise InvalidInputError(f"{path} is broken: options or sessions are impossible")
    table = parse_device(json.dumps(data["table"]), origin=f"{path} is broken: table")
    try:
        options = TwinOptions.parse(data["options"])
    except InvalidInputError as error:
        raise InvalidInputError(f"{path} is broken: {error}") from error
    return table, data["seed"], options, data["sessions"]


def _write(twin: Twin) -> None:
    """Replace the file in one step, so that a reader sees the old or the new one, and a power cut leaves one of them."""
    document = {
        "table": twin.table.model_dump(mode="json"),
        "seed": twin.seed,
        "options": twin.options.model_dump(mode="json"),
        "sessions": twin.sessions,
    }
    temporary = twin.folder / f".{_FILE}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(twin.folder / _FILE)
    directory = os.open(twin.folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock among threads and processes; the system lets go of it when its holder dies."""
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} holds no twin: make one with `qdash twin create`") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
