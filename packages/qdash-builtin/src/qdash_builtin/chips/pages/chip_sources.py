"""Sources of a new chip: a built-in topology, a topology file, a device for a twin, or an exported chip."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.operations.chips import create_chip, import_chip
from qdash_builtin.chips.operations.topology import list_topologies, read_topology_file, show_topology
from qdash_builtin.chips.requests.chips import ChipRequest
from qdash_builtin.chips.views.layouts import TopologyDocument
from qdash_builtin.home.operations.backends import list_backends
from qdash_core.errors import NotFoundError, QDashError
from qdash_core.parsing.json_parser import parse_json
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_ui_streamlit.view import View

SOURCES = {
    "topology": "Built-in topology",
    "file": "Topology file",
    "twin": "Twin of a processor (simulated)",
    "export": "Exported chip, with its values",
}
"""Titles of the sources by their name in the URL."""
_PREVIEW = "new-chip.preview"
_LARGEST_MB = 8
_PROPOSED_SIZE = 27
"""Number of qubits of the proposed device: realistic, and calibrated within minutes."""


@dataclass(frozen=True, slots=True)
class ChipSource:
    """Source of a new chip that the user has chosen.

    Parameters
    ----------
    create : callable
        Creates the chip of an id, or, for an empty one, of the id in the file.
    names_itself : bool
        Whether the id may be empty.
    """

    topology: TopologyDocument
    create: Callable[[str], Any]
    proposed_id: str = ""
    names_itself: bool = False


def load_devices(view: View) -> Mapping[str, int]:
    """Return the devices that twins can be made from, with their numbers of qubits; empty if the host has no twins."""
    try:
        known = parse_json(view.connection.get("/plugins/fake/devices").content)
    except NotFoundError:
        return {}
    return {str(name): int(n_qubits) for name, n_qubits in known["n_qubits"].items()}


def create_twin(view: View, chip_id: str, device: str, *, seed: int | None = None) -> None:
    """Create a chip that simulates a device; `seed` is that of the parameters that are not published."""
    asked = {"chip_id": chip_id, "device": device} | ({} if seed is None else {"seed": seed})
    view.connection.post("/plugins/fake/twins", json=asked)


def order_devices(devices: Mapping[str, int]) -> list[str]:
    """Return the devices in the order of the choice, those closest to the proposed size first."""
    return sorted(devices, key=lambda name: (abs(devices[name] - _PROPOSED_SIZE), devices[name], name))


def draw_source(view: View, source: str, devices: Mapping[str, int]) -> ChipSource | None:
    """Draw the fields of a source, and return it, or None if it is incomplete or invalid; the reason is shown."""
    try:
        match source:
            case "file":
                return _draw_file(view)
            case "twin":
                return _draw_twin(view, devices)
            case "export":
                return _draw_export(view)
            case _:
                return _draw_builtin(view)
    except QDashError as error:
        show_problem(error)
        return None


def _draw_builtin(view: View) -> ChipSource:
    names = sorted((one.name for one in view.every(list_topologies)), key=_get_size)
    name = draw_choice(
        view,
        "topology",
        "Topology",
        names,
        accepts_new=True,
        help="Other sizes can be typed, such as linear-30, heavy-hex-433 or square-lattice-mux-100",
    )
    backend = _draw_backend(view)
    topology = _keep_preview(("topology", name), lambda: view.ask(show_topology, name))
    return ChipSource(topology, lambda chip_id: _create(view, chip_id, name, backend))


def _get_size(topology: str) -> int:
    """Return the number of qubits at the end of the name of a built-in topology."""
    return int(topology.rpartition("-")[2])


def _draw_file(view: View) -> ChipSource | None:
    given = _draw_uploader("Topology file (JSON or YAML)", "new-chip.file")
    backend = _draw_backend(view)
    if given is None:
        st.caption(
            "Names of the qubits with row, column and multiplexer, and the couplings, such as "
            '`{"name": "two", "qubits": [{"id": "0", "row": 0, "col": 0, "mux": 0}, {"id": "1", "row": 0, "col": 1, "mux": 0}], "couplings": [["0", "1"]]}`. '
            "A device table or an exported chip also has a topology."
        )
        return None
    topology = _read_topology(view, *given)
    return ChipSource(topology, lambda chip_id: _create(view, chip_id, topology, backend))


def _draw_twin(view: View, devices: Mapping[str, int]) -> ChipSource:
    device = draw_choice(
        view,
        "device",
        "Device",
        order_devices(devices),
        format_option=lambda name: f"{name}, {devices[name]} qubits",
    )
    seed = int(
        st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key="new-chip.seed",
            help="Seed of the parameters that are not published, which are drawn at random",
            width=240,
        )
    )

    def load() -> TopologyDocument:
        path = f"/plugins/fake/devices/{quote(device, safe='')}/topology"
        return TopologyDocument.model_validate(parse_json(view.connection.get(path).content), extra="ignore")

    return ChipSource(
        _keep_preview(("device", device), load),
        lambda chip_id: create_twin(view, chip_id, device, seed=seed),
        proposed_id=device,
    )


def _draw_export(view: View) -> ChipSource | None:
    given = _draw_uploader("Exported chip (JSON or YAML)", "new-chip.export")
    if given is None:
        st.caption("A chip that was exported as json or yaml, with its values, design and wiring.")
        return None
    topology = _read_topology(view, *given)
    _, contents = given
    return ChipSource(
        topology,
        lambda chip_id: view.ask(import_chip, exported=contents, chip_id=chip_id or None),
        names_itself=True,
    )


def _draw_uploader(label: str, key: str) -> tuple[str, bytes] | None:
    """Draw the choice of a file, and return its name and contents."""
    given = st.file_uploader(label, type=["json", "yaml", "yml"], key=key, max_upload_size=_LARGEST_MB)
    return None if given is None else (given.name, given.getvalue())


def _draw_backend(view: View) -> str:
    names = [one.name for one in view.every_offered(list_backends) if one.installed]
    return st.selectbox(
        "Backend",
        names,
        key="new-chip.backend",
        help="It measures the chip, and cannot be changed later",
        width=240,
    )


def _read_topology(view: View, name: str, contents: bytes) -> TopologyDocument:
    def read() -> TopologyDocument:
        return view.ask(read_topology_file, contents=contents, name=name[-100:])

    return _keep_preview((name, sha256(contents).hexdigest()), read)


def _keep_preview(meant: tuple[str, str], load: Callable[[], TopologyDocument]) -> TopologyDocument:
    """Return a topology, requested once while it is chosen."""
    return cache_in_session(_PREVIEW, meant, load)


def _create(view: View, chip_id: str, topology: str | TopologyDocument, backend: str) -> None:
    view.ask(create_chip, body=ChipRequest(chip_id=chip_id, topology=topology, backend=backend))
