"""Export page of a chip: a format with its limits, a preview of the file, and the download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.exchange.operations.exports import export_chip, list_formats
from qdash_builtin.exchange.operations.releases import export_release, list_releases
from qdash_builtin.exchange.requests.exports import ExportQuery
from qdash_builtin.exchange.views.devices import DeviceDocument
from qdash_builtin.exchange.zip_archives import unzip
from qdash_builtin.metrics.pages.marks import WORDS
from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import Mark
from qdash_core.models.quantities import format_count
from qdash_core.parsing.json_parser import parse_json
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_no_chip
from qdash_ui_streamlit.forms.option_lists import load_chips, load_options
from qdash_ui_streamlit.forms.query_params import (
    draw_choice,
    draw_pills,
    draw_select,
    draw_text_field,
    draw_toggle,
)

if TYPE_CHECKING:
    from qdash_builtin.exchange.views.exchange import FormatDocument
    from qdash_ui_streamlit.view import View

_SHOWN_LINES = 40
_LONGEST_LINE = 200
_PREVIEW_PX = 480
_LIMITS = (
    ("device_name", "Device name", "that of the chip"),
    ("device_id", "Device id", "that of the chip"),
    ("qubits", "Only qubits", "all, or 0-3,7"),
    ("exclude", "Exclude", "none, or 0..3,8-9"),
    ("min_qubit_fidelity", "Minimum X90 fidelity", "no limit"),
    ("min_readout_fidelity", "Minimum readout fidelity", "no limit"),
    ("min_coupling_fidelity", "Minimum ZX90 fidelity", "no limit"),
    ("max_age", "Maximum age", "no limit, or 24h"),
)
"""Fields of the limits of a device: name in the URL of page and host, label and placeholder."""
_LISTS = ("qubits", "exclude")
_LEFT_OUT = (Column("target", "Left out"), Column("reason", "Reason"))
_NOTES = (Column("target", "Included"), Column("note", "Note"))


def render(view: View) -> None:
    """Draw the page."""
    st.title("Export", anchor=False)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    formats = {one.name: one for one in view.every(list_formats.paged(limit=200)) if one.is_writer}
    if not view.administers:
        formats = {name: one for name, one in formats.items() if not one.copies_files}
    if not formats:
        show_empty("No installed format can be exported.", f"[Installed plugins]({view.link('plugins')}).")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_choice(view, "chip", "Chip", chips)
        name = draw_choice(
            view,
            "format",
            "Format",
            _order(formats),
            format_option=lambda one: f"{one}: {formats[one].title}".replace("`", ""),
            width=560,
        )
        release = draw_select(
            view,
            "release",
            "Values",
            load_options("releases", lambda: (one.name for one in view.every(list_releases, chip_id))),
            any_text="present",
            width=200,
        )
    query: dict[str, Any] = {"format": name}
    if formats[name].writes_devices:
        query |= _draw_limits(view)
    with show_errors():
        _draw_preview(view, chip_id, release, query, devices=formats[name].writes_devices)


def _order(formats: dict[str, FormatDocument]) -> list[str]:
    """Return the names of formats, JSON first, which can be imported again."""
    return sorted(formats, key=lambda name: (name != "json", name))


def _draw_limits(view: View) -> dict[str, Any]:
    """Draw the limits of a device, and return those that are set as a query of the host."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = {
            name: draw_text_field(view, name, label, placeholder=placeholder, width=170)
            for name, label, placeholder in _LIMITS
        }
        largest = draw_toggle(view, "largest_part", "Only the largest connected part")
        unfit = draw_toggle(view, "with_unfit", "With unfit targets")
    query: dict[str, Any] = {name: text for name, text in typed.items() if text}
    query |= {name: _split(query[name]) for name in _LISTS if name in query}
    if largest:
        query["largest_part"] = "true"
    if unfit:
        query["with_unfit"] = "true"
    marks = draw_pills(
        view,
        "without_marks",
        "Leave out values marked",
        [*Mark],
        default=(),
        most=len(Mark),
        format_option=WORDS.__getitem__,
    )
    return query | ({"without_marks": [*marks]} if marks else {})


def _split(text: str) -> list[str]:
    return [part for one in text.split(",") if (part := one.strip())]


def _draw_preview(
    view: View, chip_id: str, release: str | None, query: dict[str, Any], *, devices: bool
) -> None:
    """Draw the file, and for devices what it contains and the reasons for what was left out, with the download."""
    file, contents = _export(view, chip_id, release, query)
    path = f"chips/{quote(chip_id, safe='')}"
    if release is not None:
        path += f"/releases/{quote(release, safe='')}"
    label = f"Download {file} ({_format_size(contents)})"
    draw_download_link(view, f"{path}/export", label, name=file, **query)
    if devices:
        _, device = _export(view, chip_id, release, {**query, "format": "device"})
        _draw_device(view, DeviceDocument.model_validate(parse_json(device)))
    st.header("File", anchor=False)
    if file.endswith(".zip"):
        _draw_archive(view, contents)
        return
    with st.container(height=_PREVIEW_PX, border=False):
        st.code(_cut(contents), language=None, wrap_lines=True)


def _draw_archive(view: View, contents: bytes) -> None:
    try:
        files = unzip(contents)
    except InvalidInputError:
        st.caption("An archive of this size is not listed: download it.")
        return
    rows = [{"name": str(name), "size": len(text) / 1000} for name, text in files.items()]
    columns = (Column("name", "File"), Column("size", "Size (kB)", "number"))
    table(view, columns, rows, key="chip-export.files", label="Files of the archive")


def _export(view: View, chip_id: str, release: str | None, query: dict[str, Any]) -> tuple[str, bytes]:
    """Return the name and contents of an exported file."""
    asked = ExportQuery(**query)
    file = (
        view.ask(export_chip, chip_id, asked)
        if release is None
        else view.ask(export_release, chip_id, release, asked)
    )
    return file.name or chip_id, b"".join(file.chunks)


def _draw_device(view: View, device: DeviceDocument) -> None:
    st.markdown(
        f"Usable: **{format_count(len(device.qubits), 'qubit')} and {format_count(len(device.couplings), 'coupling')}**. "
        f"Left out: {format_count(len(device.left_out), 'target')}."
    )
    rows = [{"target": one.target, "reason": one.reason} for one in device.left_out]
    table(
        view,
        _LEFT_OUT,
        rows,
        key="chip-export.left-out",
        label="Left out",
        empty="Nothing is left out.",
        shown=20,
    )
    notes = [
        {"target": one, "note": note}
        for one, notes in (
            *((qubit.qid, qubit.notes) for qubit in device.qubits),
            *((coupling.qid, coupling.notes) for coupling in device.couplings),
        )
        for note in notes or ()
    ]
    if notes:
        table(view, _NOTES, notes, key="chip-export.notes", label="Notes", shown=20)


def _cut(contents: bytes) -> str:
    """Return the first lines of a text, each with a limited length."""
    lines = contents.decode(errors="replace").splitlines()
    shown = [
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …" for line in lines[:_SHOWN_LINES]
    ]
    if len(lines) > _SHOWN_LINES:
        shown.append(f"… {len(lines) - _SHOWN_LINES} more lines")
    return "\n".join(shown)


def _format_size(contents: bytes) -> str:
    return f"{max(1, round(len(contents) / 1000))} kB"
