"""Twin on disk: device table, seed, options, number of sessions, laboratory time."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError, QDashError
from qdash_core.process.clock import SimulatedClock, get_clock, utc_now
from qdash_core.process.file_modes import make_folder
from qdash_fake.clock import TwinTime
from qdash_fake.devices import DeviceTable, parse_device
from qdash_fake.drift_schedules import build_coupling_schedules, build_drift_schedules, list_remarks
from qdash_fake.folders import TWIN_FILE, lock_folder
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.options import TwinOptions
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.drift_schedule import make_drifting_chip
from qdash_fake.physics.feed_lines import share_feed_lines
from qdash_fake.physics.mismatch_draw import add_mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.pulse_level.laboratory import PulseTwin

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Twin:
    """Simulated chip below a folder.

    Attributes
    ----------
    sessions
        Number of sessions that had been opened when it was read.
    clock_s
        What the laboratory's clock showed when it was read: seconds since the twin was made.
    chip_made_at
        Creation time (ISO 8601) of the chip that it simulates if that chip has another backend, else None.
    made_at
        When the twin was made, by the simulated clock of its home, which is its laboratory's clock; None in a home with the
        clock of the machine, where the twin keeps `clock_s` itself.
    """

    folder: Path
    table: DeviceTable
    seed: int
    options: TwinOptions
    sessions: int = 0
    clock_s: float = 0.0
    chip_made_at: str | None = None
    made_at: datetime | None = None

    def truth(self, clock: Callable[[str], float] | None = None) -> ChipTruth:
        """Return the truth of the chip at the `clock` of a qubit in seconds, or always at `clock_s`; hidden from tasks."""
        chip = self._draw()
        return make_drifting_chip(
            chip,
            build_drift_schedules(chip, self.options),
            clock or (lambda _qid: self.clock_s),
            of_couplings=build_coupling_schedules(chip, self.options),
        )

    def design(self) -> Mapping[str, Mapping[str, float]]:
        """Return the design values by qubit and name, known to the laboratory before any measurement."""
        return {qid: qubit.design.as_parameters() for qid, qubit in self._draw().qubits.items()}

    def remarks(self) -> Mapping[str, list[str]]:
        """Return remarks on qubits and couplings at `clock_s`: near defects, timed faults and dead lines."""
        return list_remarks(self._draw(), self.options, lambda _qid: self.clock_s)

    def _draw(self) -> ChipTruth:
        chip = _draw_chip(self.table.model_dump_json(), self.seed, self.options.model_mismatch)
        return (
            share_feed_lines(chip, self.table.multiplexers.values())
            if self.options.shared_feed_lines
            else chip
        )

    def open(self) -> TwinLaboratory | PulseTwin:
        """Reserve the next session number, and return a laboratory that continues the clock.

        Sessions that are open side by side begin at one time; the clock goes on from the one that took longest.
        """
        current = self._count_session()
        clock = TwinTime(current.clock_s, self._keep_clock)
        home = get_clock()
        if (made_at := self.made_at) is not None and isinstance(home, SimulatedClock):

            def advance_home(clock_s: float) -> None:
                home.advance_to(made_at + timedelta(seconds=clock_s))

            clock = TwinTime(current.clock_s, advance_home, every_s=0.0)
        laboratory: type[TwinLaboratory | PulseTwin] = TwinLaboratory
        if self.options.pulse_level:
            from qdash_fake.pulse_level.laboratory import PulseTwin  # slow to import

            laboratory = PulseTwin
        return laboratory(self.truth(clock.now_s), number=current.sessions, options=self.options, clock=clock)

    def reserve_session(self) -> int:
        """Return the next session number, from 1, unique among all callers on a machine."""
        return self._count_session().sessions

    def wait(self, seconds: float) -> Twin:
        """Advance the laboratory time without measuring; return the updated twin.

        Raises `InvalidInputError` if that is not a positive finite time.
        """
        if not 0 < seconds < math.inf:
            raise InvalidInputError(f"hours: {seconds / 3600:g} is not a positive time")
        return self._change(lambda current: replace(current, clock_s=current.clock_s + seconds))

    def _count_session(self) -> Twin:
        return self._change(lambda current: replace(current, sessions=current.sessions + 1))

    def _keep_clock(self, clock_s: float) -> None:
        """Advance the stored clock to `clock_s`, never back; a failed write is only logged."""
        try:
            self._change(lambda current: self._with_clock(current, clock_s))
        except (OSError, QDashError) as error:
            logger.warning("cannot store the laboratory clock of %s: %s", self.folder, error)

    def _with_clock(self, current: Twin, clock_s: float) -> Twin:
        """Return the stored twin with an advanced clock, or as it is if another twin has replaced this one."""
        if (current.table, current.seed, current.options) != (self.table, self.seed, self.options):
            return current
        return replace(current, clock_s=max(current.clock_s, clock_s))

    def _change(self, change: Callable[[Twin], Twin]) -> Twin:
        """Replace the file on disk by the result of `change`, under a lock among threads and processes."""
        with lock_folder(self.folder):
            changed = change(load_twin(self.folder))
            _write(changed)
        return changed


@lru_cache(maxsize=8)
def _draw_chip(document: str, seed: int, model_mismatch: float) -> ChipTruth:
    """Return the chip of a device table in JSON, cached and immutable."""
    return add_mismatch(draw_chip(parse_device(document, origin="table"), seed), model_mismatch)


def create_twin(
    folder: Path,
    table: DeviceTable,
    seed: int,
    options: Mapping[str, object] | TwinOptions | None = None,
    *,
    chip_made_at: str | None = None,
) -> Twin:
    """Write a new twin below `folder`, which is created if necessary.

    Raises `InvalidInputError` if an option or the seed is impossible, `ConflictError` if there is a twin already.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InvalidInputError(f"seed: {seed!r} is not a whole number")
    checked = options if isinstance(options, TwinOptions) else TwinOptions.parse(options or {})
    checked.check_qubits(table.qids, device=table.device)
    checked.check_parts(
        {"-".join(pair) for pair in table.pairs}, table.multiplexers.keys(), device=table.device
    )
    made_at = utc_now() if get_clock().simulated else None
    twin = Twin(Path(folder), table, seed, checked, chip_made_at=chip_made_at, made_at=made_at)
    make_folder(twin.folder)
    with lock_folder(twin.folder):
        if (twin.folder / TWIN_FILE).exists():
            raise ConflictError(
                f"{twin.folder} already contains a twin: choose another chip id, or delete the chip first"
            )
        _write(twin)
    return twin


def load_twin(folder: Path) -> Twin:
    """Read the twin below `folder`.

    Raises `NotFoundError` if there is none, `InvalidInputError` if its file is broken.
    """
    path = Path(folder) / TWIN_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} contains no twin: create one with `qdash twin create`") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"{path} is broken: {error}") from error
    twin = Twin(Path(folder), *_check_data(data, path))
    if twin.made_at is None or not get_clock().simulated:
        return twin
    return replace(twin, clock_s=max(0.0, (utc_now() - twin.made_at).total_seconds()))


def _check_data(
    data: object, path: Path
) -> tuple[DeviceTable, int, TwinOptions, int, float, str | None, datetime | None]:
    if not isinstance(data, dict):
        raise InvalidInputError(f"{path} is broken: not a JSON object")
    missing = [name for name in ("table", "seed", "options", "sessions") if name not in data]
    if missing:
        raise InvalidInputError(f"{path} is broken: {missing[0]} is missing")
    for name in ("seed", "sessions"):
        if isinstance(data[name], bool) or not isinstance(data[name], int):
            raise InvalidInputError(f"{path} is broken: {name}: {data[name]!r} is not a whole number")
    if not isinstance(data["options"], dict) or data["sessions"] < 0:
        raise InvalidInputError(f"{path} is broken: invalid options or sessions")
    clock_s = data.get("clock_s", 0.0)
    if isinstance(clock_s, bool) or not isinstance(clock_s, (int, float)) or not 0 <= clock_s < math.inf:
        raise InvalidInputError(f"{path} is broken: clock_s: {clock_s!r} is not a time")
    table = parse_device(json.dumps(data["table"]), origin=f"{path} is broken: table")
    try:
        options = TwinOptions.parse(data["options"])
    except InvalidInputError as error:
        raise InvalidInputError(f"{path} is broken: {error}") from error
    chip_made_at = data.get("chip_made_at")
    if chip_made_at is not None and not isinstance(chip_made_at, str):
        raise InvalidInputError(f"{path} is broken: chip_made_at: {chip_made_at!r} is not a time")
    try:
        made_at = None if data.get("made_at") is None else datetime.fromisoformat(data["made_at"])
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{path} is broken: made_at: {error}") from error
    return table, data["seed"], options, data["sessions"], float(clock_s), chip_made_at, made_at


def _write(twin: Twin) -> None:
    """Replace the file atomically: a reader or a power failure leaves the old or the new one."""
    document = {
        "table": twin.table.model_dump(mode="json"),
        "seed": twin.seed,
        "options": twin.options.model_dump(mode="json"),
        "sessions": twin.sessions,
        "clock_s": twin.clock_s,
        "chip_made_at": twin.chip_made_at,
        "made_at": None if twin.made_at is None else twin.made_at.isoformat(),
    }
    contents = json.dumps(document).encode()
    write_atomically(twin.folder / TWIN_FILE, lambda file: file.write(contents))
