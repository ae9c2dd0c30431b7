"""What a twin shows of a task, when all is well and when something is wrong, as small pictures.

Of `docs.make_tasks`. Everything is seeded.
"""

from __future__ import annotations

import json
import struct
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from docs.make_tasks import DEVICE
from qdash_builtin.figures.files import get_figure_renderer
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.task_pages.page import Failure
from qdash_core import CalibConfig, CalibOrchestrator, QDash, open_qdash
from qdash_core.models.targets import split_coupling
from qdash_core.session.dispatch.plans import Plan
from qdash_core.settings import load_settings
from qdash_fake.backend import FakeBackend
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import DeviceTable, load_device, parse_device
from qdash_fake.folders import twin_folder
from qdash_fake.twin import create_twin
from qdash_tasks.flows import BRING_UP, TWO_QUBIT_CALIBRATION
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core import BaseTask

    Pixels = NDArray[np.uint8]

SEED, QID, COUPLING = 0, "1", "0-1"
OF_A_PAIR = {field.name for field in fields(CouplingSettings)}
WIDTH, HEIGHT = 720, 450
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS, _STEP = 256, 16


def figures(task: type[BaseTask], failures: Sequence[Failure]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the figure to expect, then that of each failure, each with what the record says of the result.

    The qubit or the coupling is brought up as far as the task needs it. Then it breaks: a failure may change the qubit's row of
    the device table (`row`), settings that the instruments play (`settings`) and run parameters (`parameters`).
    """
    with tempfile.TemporaryDirectory() as home, open_qdash(load_settings(home=home)) as qdash:
        healthy = load_device(DEVICE)
        create_twin_chip(qdash, qdash.access("admin"), DEVICE, healthy, seed=SEED)
        orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id=DEVICE), qdash)
        with orchestrator:
            for name, targets in _before(task):
                for target in targets:
                    orchestrator.run_task(name, target)
        for change in (Failure(title="expected", seen="-", do="-"), *failures):
            _install(qdash, _with_row(healthy, change.row))
            yield _measured(qdash, task, change)


def _before(task: type[BaseTask]) -> list[tuple[str, Sequence[str]]]:
    """Return the tasks that are run first, each with its targets: those before it, and who makes what it needs beside them."""
    if task.task_type == "coupling":
        qubits = [(name, split_coupling(COUPLING)) for name in BRING_UP]
        return [*qubits, *((name, [COUPLING]) for name in _up_to(task, TWO_QUBIT_CALIBRATION))]
    names = _up_to(task, BRING_UP)
    made = {name for known in TASKS if known.name in names for name in known.output_parameters}
    for name, given in task.input_parameters.items():
        if given.required and given.default is None and name not in made:
            names.append(next(known.name for known in TASKS if name in known.output_parameters))
    return [(name, _together(task)) for name in names]


def _up_to(task: type[BaseTask], names: Sequence[str]) -> list[str]:
    """Return the names before a task's, or all."""
    return list(names[: names.index(task.name)] if task.name in names else names)


def _together(task: type[BaseTask]) -> list[str]:
    """Return what is measured together, the target of the picture first."""
    if task.task_type == "coupling":
        return [COUPLING]
    others = () if task.isolated else load_device(DEVICE).qids
    return [QID, *(qid for qid in others if qid != QID)]


def _install(qdash: QDash, table: DeviceTable) -> None:
    """Put a new twin in place of the chip's: it begins with the first session's noise."""
    folder = twin_folder(qdash.settings.home, project_id="default", chip_id=DEVICE)
    (folder / "twin.json").unlink()
    create_twin(folder, table, SEED)


def _with_row(table: DeviceTable, changes: Mapping[str, object]) -> DeviceTable:
    document = table.model_dump(mode="json")
    next(row for row in document["qubits"] if row["qid"] == QID).update(changes)
    return parse_device(json.dumps(document), origin=DEVICE)


def _measured(qdash: QDash, task: type[BaseTask], change: Failure) -> tuple[dict[str, Any], str]:
    """Run a task as a trial, and return its figure and what became of it."""
    config = CalibConfig(
        username="admin",
        chip_id=DEVICE,
        saved=False,
        run_parameters={task.name: dict(change.parameters)},
    )
    with _detuned(change.settings), CalibOrchestrator(config, qdash) as orchestrator:
        result, *_ = orchestrator.run_plan(Plan([orchestrator.plan_task(task.name)], [_together(task)]))
    if not result.raw_data_path:
        raise SystemExit(f"{task.name}, {change.title}: nothing to draw: {result.message}")
    return qdash.get(RESULTS).figure(
        qdash.access("admin"), result.task_id
    ), f"{result.status} {result.message}"


@contextmanager
def _detuned(changes: Mapping[str, Mapping[str, float]]) -> Iterator[None]:
    """Change settings of the twin behind the back of the engine, for the length of a block."""
    apply = FakeBackend.apply

    def apply_and_detune(backend: FakeBackend, parameters: Any) -> None:
        apply(backend, parameters)
        session = backend.laboratory
        for name, change in changes.items():
            target, known = (COUPLING, session.couplings) if name in OF_A_PAIR else (QID, session.settings)
            now = change.get("value", getattr(known[target], name))
            session.adjust(target, {name: now * change.get("factor", 1.0) + change.get("offset", 0.0)})

    with (
        patch.object(FakeBackend, "apply", apply_and_detune),
        patch.object(FakeBackend, "read_back", lambda *_: {}),
    ):
        yield


# ----------------------------------------------------------------------------------------------------- small pictures


def png_of(figure: Mapping[str, Any]) -> bytes:
    """Return a figure as PNG with a palette of a few colours: a third of the size that Chromium gives."""
    sized = {**figure, "layout": {**figure["layout"], "width": WIDTH, "height": HEIGHT}}
    return _with_palette(pixels_of(get_figure_renderer(".png")(sized)))


def pixels_of(png: bytes) -> Pixels:
    """Return the pixels of a PNG of 8-bit colours or of a palette, shape (height, width, 3), without transparency."""
    chunks = list(_chunks(png))
    width, height, depth, colours = struct.unpack(">IIBB", dict(chunks)[b"IHDR"][:10])
    assert depth == 8
    channels = {2: 3, 3: 1, 6: 4}[colours]
    data = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    rows = np.frombuffer(data, np.uint8).reshape(height, 1 + width * channels)
    found = np.zeros((height + 1, width + 1, channels), np.uint8)  # a black border above and to the left
    for number, row in enumerate(rows, start=1):
        found[number, 1:] = row[1:].reshape(width, channels)
        _unfilter(int(row[0]), found[number], found[number - 1])
    if colours == 3:
        return np.frombuffer(dict(chunks)[b"PLTE"], np.uint8).reshape(-1, 3)[found[1:, 1:, 0]]
    return found[1:, 1:, :3]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        yield kind, png[place + 8 : place + 8 + length]
        place += length + 12


def _unfilter(filtered: int, row: Pixels, above: Pixels) -> None:
    """Undo the filter of one row in place (PNG specification, section 9); both rows begin with a black pixel."""
    if filtered == 1:
        row[:] = np.cumsum(row, axis=0, dtype=np.uint8)
    elif filtered == 2:
        row += above
    elif filtered in (3, 4):
        predict = _average if filtered == 3 else _paeth
        for channel in range(row.shape[1]):
            values, over = row[:, channel].tolist(), above[:, channel].tolist()
            for x in range(1, len(values)):
                values[x] = (values[x] + predict(values[x - 1], over[x], over[x - 1])) % 256
            row[:, channel] = values


def _average(left: int, up: int, _: int) -> int:
    return (left + up) // 2


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((abs(near - left), 0, left), (abs(near - up), 1, up), (abs(near - corner), 2, corner))[2]


def _with_palette(pixels: Pixels) -> bytes:
    """Return a PNG in which every pixel has the nearest of the most frequent colours, which are rounded first."""
    height, width, _ = pixels.shape
    rounded = np.minimum((pixels.astype(int) + _STEP // 2) // _STEP * _STEP, 255).astype(np.uint8)
    colours, inverse, counts = np.unique(
        rounded.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    palette = colours[np.argsort(-counts, kind="stable")[:_COLOURS]]
    distances = np.abs(colours[:, None].astype(int) - palette[None]).sum(axis=-1)
    indices = distances.argmin(axis=1).astype(np.uint8)[inverse.reshape(height, width)]
    data = np.hstack([np.zeros((height, 1), np.uint8), indices]).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    content = (
        (b"IHDR", header),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(data, 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in content
    )
