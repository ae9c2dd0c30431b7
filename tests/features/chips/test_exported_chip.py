"""Import of an exported chip; errors name the wrong field."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.exported_chip import parse_export, validate_parts
from qdash_builtin.chips.new_chip import make_described_chip, make_new_chip
from qdash_builtin.exchange.views.chip_export import export
from qdash_builtin.metrics.selection import SelectedTargets
from qdash_builtin.metrics.values_in_use import collect_values
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import MuxLines, ParameterModel, TargetStatus, WiringModel
from qdash_core.parsing.limits import JSON_EXPORT

from ...access import ADMIN
from ...core.chips.samples import PAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.chips.chip import Chip


def make_chip() -> Chip:
    wiring = WiringModel(
        lines=[MuxLines(mux=0, ctrl=["U10-5", "U10-6"], read_out="S159A-8", read_in="S159A-7")],
        boxes={"U10": "A"},
    )
    design = {"0": {"qubit_frequency": 5.1}, "1": {"qubit_frequency": None}, "0-1": {"zx90_gate_time": 300.0}}
    made = make_new_chip(
        ADMIN, "A", PAIR, backend="bench", controls={"0-1": "1"}, wiring=wiring, design=design
    )
    origin: dict[str, Any] = {
        "calibrated_at": datetime(2026, 4, 1, 7, 25, tzinfo=UTC),
        "execution_id": "e",
        "task_id": "t",
        "simulated": True,
        "condition": "read alone",
    }
    made.qubits["0"].data = {
        "t1": ParameterModel(value=81.5, error=1.3, unit="us", **origin),
        "qubit_frequency": ParameterModel(value=5.1, unit="GHz"),
    }
    made.qubits["0"].status = TargetStatus.CALIBRATED
    made.couplings["0-1"].status = TargetStatus.DEAD
    return made


def make_chip_from_text(text: str) -> Chip:
    return make_described_chip(ADMIN, "A", validate_parts(parse_export(text)), backend="bench")


def export_as_text(made: Chip, format_: Any = "json") -> str:
    meant = SelectedTargets(tuple(made.qubits), tuple(made.couplings))
    return export(made, collect_values(made.qubits.values(), made.couplings.values(), meant), format_)


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_what_was_exported_is_the_same_chip(format_: str) -> None:
    again = make_chip_from_text(export_as_text(make_chip(), format_))
    assert export_as_text(again, format_) == export_as_text(make_chip(), format_)
    assert again.qubits["0"].data["t1"] == make_chip().qubits["0"].data["t1"]
    stored = {name for name, field in ParameterModel.model_fields.items() if field.default is None}
    assert stored <= make_chip().qubits["0"].data["t1"].model_fields_set, "the sample has every field"
    assert again.couplings["0-1"].control == "1"
    assert again.header.wiring == make_chip().header.wiring
    assert again.qubits["1"].design == {"qubit_frequency": None}


def make_invalid_export(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(export_as_text(make_chip()))
    change(document)
    return json.dumps(document)


T1 = ("qubits", "0", "t1")


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    *way, key, value = path

    def change(document: dict[str, Any]) -> None:
        for part in way:
            document = document.setdefault(part, {})
        document[key] = deepcopy(value)

    return change


def test_what_cannot_be_is_refused_with_its_field(subtests: pytest.Subtests) -> None:
    for change, said in [
        (put("color", "red"), "color: there is no such field"),
        (lambda document: document.pop("backend"), "backend: it is missing"),
        (put("size", 3), "size is 3"),
        (lambda document: document["topology"]["qubits"][0].update(id="00"), "qubits\\[0\\].id"),
        (put("topology", "couplings", [["0", "0"]]), "couples qubit 0 to itself"),
        (put(*T1, "value", float("nan")), "qubits.0.t1.value"),
        (put(*T1, "value", "81"), "qubits.0.t1.value"),
        (put(*T1, "value", None), "qubits.0.t1.value"),
        (put(*T1, "error", -1.0), "qubits.0.t1.error"),
        (put(*T1, "calibrated_at", "2026-04-01T07:25:00"), "a time zone"),
        (put("qubits", "0", "t 1", {"value": 1.0}), "qubits.0.t 1"),
        (put("qubits", "7", "t1", {"value": 1.0}), "qubits.7: the topology has no such target"),
        (put("couplings", "0-7", {}), "couplings.0-7"),
        (put("status", "5", "dead"), "status.5"),
        (put("status", "0", "fine"), "status.0"),
        (put("controls", "0-1", "7"), "controls.0-1: qubit 7"),
        (put("design", "qubits", "0", {"qubit_frequency": 5.1e9}), "from 0.01 to 100"),
        (put("wiring", "lines", []), None),
        (
            put("wiring", "lines", [{"mux": 4, "ctrl": [], "read_out": "a", "read_in": "b"}]),
            "no such multiplexer",
        ),
    ]:
        with subtests.test(str(said)):
            text = make_invalid_export(change)
            if said is None:
                assert make_chip_from_text(text).header.wiring == WiringModel(lines=[], boxes={"U10": "A"})
            else:
                with pytest.raises((InvalidInputError, NotFoundError), match=said):
                    make_chip_from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff{}",
        b"chip_id: \xff",
        '{"topology": ' + '{"a": ' * 300 + "1" + "}" * 301,
        "{",
        "[1]",
        "a: [",
        "",
        "null",
        "{" * 100_000,
        "a: &a [*a]",
        "x" * (JSON_EXPORT.size + 1),
    ],
    ids=lambda text: str(text[:12]),
)
def test_what_is_no_exported_chip_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_export(text)
