"""Impossible values of every format of import: refused all at once with their lines, before anything is written; possible ones are right."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.request_parts.typed_values import parse_values
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, load_plugins, open_qdash
from qdash_core.chips.topology import Site, Topology
from qdash_core.settings import Settings

from ..access import ADMIN
from ..features.exchange.other_programs import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import QDash

LAYOUT = Topology("seven", tuple(Site(str(n)) for n in range(7)), tuple(f"{n}-{n + 1}" for n in range(6)))
SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
NBSP = "\N{NO-BREAK SPACE}"
"""Target, parameter, value, error, unit and time of a row, and the error."""
ROWS: list[tuple[tuple[str, ...], str]] = [
    (("0", "t1", "-5", "", "us", ""), f"t1 = -5{NBSP}µs is below its minimum of 0{NBSP}µs"),
    (("1", "t1", "0", "", "us", ""), f"t1 = 0{NBSP}µs is not above its minimum of 0{NBSP}µs"),
    (("2", "t1", "-5", "10", "us", ""), "t1 = -5"),
    (("3", "t1", "4e6", "", "us", ""), f"above its maximum of 100000{NBSP}µs"),
    (("4", "t1", "45", "", "MHz", ""), "t1 is in µs, not in MHz"),
    (("5", "t1", "45", "", "", ""), "t1 is in µs, and no unit is given"),
    (("6", "t1", "45", "-1", "us", ""), "the error of t1 must be positive"),
    (("0", "t2_echo", "nan", "", "us", ""), "'nan' is not a number"),
    (("1", "t2_echo", "inf", "", "us", ""), "'inf' is not a number"),
    (("2", "t2_echo", "1e400", "", "us", ""), "t2_echo must be a finite number"),
    (("3", "t2_echo", "45", "1e400", "us", ""), "the error of t2_echo must be positive and at most"),
    (("4", "t2_echo", "45", "", "us", SOON), "t2_echo was measured at .* in the future"),
    (("5", "t2_echo", "45", "", "us", "2026-01-01"), "a time without a zone"),
    (("6", "t2_echo", "45", "", "parsec", ""), "t2_echo is in µs, not in parsec"),
    (("0", "average_readout_fidelity", "98.5", "", "", ""), "above its maximum of 1"),
    (("1", "average_readout_fidelity", "98.5", "40", "", ""), "above its maximum of 1"),
    (("2", "average_readout_fidelity", "150 %", "", "", ""), "1.5 is above its maximum of 1"),
    (("3", "average_readout_fidelity", "0.985", "", "us", ""), "has no unit, not in µs"),
    (("4", "average_readout_fidelity", "-0.2", "", "", ""), "below its minimum of 0.5"),
    (("0", "qubit_frequency", "5.1e9", "", "GHz", ""), "above its maximum of 20"),
    (("1", "qubit_frequency", "5.1", "", "MHz", ""), "below its minimum of 0.5"),
    (("2", "qubit_frequency", "3.1e10", "", "rad/s", ""), "is in GHz, not in rad/s; 1 Hz is 2π rad/s"),
    (("3", "anharmonicity", "0.3", "", "GHz", ""), "above its maximum of 0"),
    (("4", "readout_length", "-300", "", "ns", ""), "below its minimum"),
    (("5", "pi_amplitude", "300", "", "a.u.", ""), "above its maximum of 1"),
    (("0-1", "t1", "45", "", "us", ""), "t1 is a value of qubits, not of couplings"),
    (("0", "zx90_gate_time", "200", "", "ns", ""), "zx90_gate_time is a value of couplings, not of qubits"),
    (("0-1", "static_zz_interaction", "70", "", "MHz", ""), "above its maximum of 50"),
    (("0-1", "zx90_gate_fidelity", "98.5", "", "", ""), "above its maximum of 1"),
    (("0-1", "zx90_gate_time", "0", "", "ns", ""), "not above its minimum"),
    (("D1", "t1", "45", "", "us", ""), "D1"),
    (("0", "t2_star", "45,2", "", "us", ""), "'45,2' is not a number"),
    (("0", "pi_length", "45 us", "", "ns", ""), "states two units, us and ns"),
]


@pytest.fixture(scope="module")
def qdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QDash]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), store_url="memory://impossible")
    with open_qdash(settings, load_plugins()) as opened:
        opened.get(CHIPS).create(ADMIN, "A", LAYOUT, backend="fake")
        yield opened


def get_refusal(qdash: QDash, path: Path, **options: Any) -> str:
    """Return the message of a refused import, which wrote nothing."""
    before = qdash.get(CHIPS).show(ADMIN, "A")
    with pytest.raises(InvalidInputError) as refused:
        qdash.get(EXCHANGE).compare(ADMIN, path, chip_id="A", **options)
    assert qdash.get(CHIPS).show(ADMIN, "A") == before
    return str(refused.value)


def require_all(said: str, places: dict[str, str]) -> None:
    """Check that a message has an error at every place, and no other."""
    assert len(re.findall("|".join(map(re.escape, places)), said)) >= len(places), said
    for place, wanted in places.items():
        found = re.search(rf"{re.escape(place)}: ((?:(?!; (?:row|line) ).)*)", said)
        assert found is not None, (place, said)
        assert re.search(wanted, found[1]), (place, wanted, found[1])


def test_every_impossible_row_of_a_table_is_refused_with_its_number(qdash: QDash, tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("target", "parameter", "value", "error", "unit", "calibrated_at"))
    writer.writerows(row for row, _ in ROWS)
    path = tmp_path / "values.csv"
    path.write_text(text.getvalue())
    said = get_refusal(qdash, path)
    assert said.startswith(f"values.csv has {len(ROWS)} errors: ")
    require_all(said, {f"row {number}": wanted for number, (_, wanted) in enumerate(ROWS, start=2)})


def test_the_same_values_are_refused_where_they_are_set_by_hand(qdash: QDash) -> None:
    for (target, name, value, error, unit, at), wanted in ROWS:
        if at or (not unit and "no unit is given" in wanted):
            continue  # a value set by hand is of now, and in the declared unit if none is given
        try:
            given = parse_values([f"{name}={value}{f'±{error}' if error else ''}{unit}"])
            qdash.get(VALUES).set(ADMIN, "A", target, given, reason="a slip")
        except InvalidInputError:
            continue
        pytest.fail(f"{name} of {target} was set to {value} {unit}")


@pytest.mark.parametrize("format_", ["json", "yaml", "zip"])
def test_every_impossible_value_of_an_exported_chip_is_refused_with_its_line(
    qdash: QDash, tmp_path: Path, format_: str
) -> None:
    (contents,) = qdash.get(EXCHANGE).export(ADMIN, "A", "json").files.values()
    document = json.loads(contents)
    places: dict[str, str] = {}
    for (target, name, value, error, unit, at), wanted in ROWS:
        if not _is_number(value) or "time without" in wanted or "positive" in wanted or target == "D1":
            continue  # refused by their form, see below
        known = {"value": float(value), "unit": unit, **({"error": float(error)} if error else {})}
        section = "couplings" if "-" in target else "qubits"
        document[section].setdefault(target, {})[name] = {**known, **({"calibrated_at": at} if at else {})}
        places[f"{section}.{target}.{name}"] = wanted
    assert len(places) >= 22
    said = get_refusal(qdash, write_export(tmp_path, document, format_))
    lines = {re.search(rf"line ([0-9]+): {re.escape(place)}: ", said) for place in places}
    assert None not in lines, said
    require_all(said, places)


def test_values_of_an_exported_chip_with_no_valid_form_are_refused_beside_impossible_ones(
    qdash: QDash, tmp_path: Path
) -> None:
    (contents,) = qdash.get(EXCHANGE).export(ADMIN, "A", "json").files.values()
    document = json.loads(contents)
    document["qubits"]["0"] = {
        "t1": {"value": "45", "unit": "us"},
        "t2_echo": {"value": float("nan"), "unit": "us"},
        "t2_star": {"value": 45, "unit": "us", "error": -1},
        "pi_length": {"value": None},
        "hpi_length": {"value": 1e300},
        "qubit_frequency": {"value": 5.1, "unit": "GHz", "calibrated_at": "2026-01-01T00:00:00"},
    }
    document["qubits"]["1"] = {"t1": {"value": -5, "unit": "us"}}
    path = write_export(tmp_path, document, "json")
    said = get_refusal(qdash, path)
    assert "has 7 errors" in said
    assert re.search(rf"line \d+: qubits\.1\.t1: 1: t1 = -5{NBSP}µs is below its minimum", said)
    for name, entry in document["qubits"]["0"].items():
        found = re.search(rf"line ([0-9]+): qubits\.0\.{name}\.(\w+): ", said)
        assert found is not None, (name, said)
        assert (
            f'"{found[2]}": {json.dumps(entry[found[2]])}' in path.read_text().splitlines()[int(found[1]) - 1]
        )


@pytest.mark.parametrize(
    "entry",
    ['{"value": 1, "value": 45, "unit": "us"}', '{"value": 45, "unit": "us", "calibrated_at": 1790000000}'],
    ids=["a key twice", "a time that is a number"],
)
def test_an_entry_of_an_exported_chip_that_can_be_read_in_two_ways_is_refused(
    qdash: QDash, tmp_path: Path, entry: str
) -> None:
    (contents,) = qdash.get(EXCHANGE).export(ADMIN, "A", "json").files.values()
    document = json.loads(contents)
    document["qubits"]["0"] = {"t1": "ENTRY"}
    path = tmp_path / "chip.json"
    path.write_text(json.dumps(document, indent=1).replace('"ENTRY"', entry))
    assert re.search(r"chip.json.* line \d+", get_refusal(qdash, path))


@pytest.mark.parametrize(
    ("contents", "why"),
    [(b"", "is empty"), ("target,parameter,value\n".encode("utf-16"), "no text in UTF-8")],
)
def test_a_file_that_no_format_can_read_is_refused_with_the_reason(
    qdash: QDash, tmp_path: Path, contents: bytes, why: str
) -> None:
    path = tmp_path / "values.csv"
    path.write_bytes(contents)
    assert why in get_refusal(qdash, path)


def test_a_packed_table_is_imported_as_the_table(qdash: QDash, tmp_path: Path) -> None:
    path = tmp_path / "values.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("values.csv", "target,parameter,value,unit\n0,t1,45.2,us\n")
    (found,) = qdash.get(EXCHANGE).compare(ADMIN, path, chip_id="A").comparison.numbers
    assert found.imported.value == 45.2


def write_export(folder: Path, document: Any, format_: str) -> Path:
    path = folder / f"chip.{format_}"
    if format_ == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("A/chip.json", json.dumps(document, indent=1))
    else:
        path.write_text(
            yaml.safe_dump(document, sort_keys=False) if format_ == "yaml" else json.dumps(document, indent=1)
        )
    return path


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e99
    except ValueError:
        return False


def change(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


OF_PROGRAMS: dict[str, list[tuple[tuple[Any, ...], Any, str]]] = {
    "ibm-properties": [
        (("qubits", 0, 0, "value"), -5, "t1 = -5"),
        (("qubits", 0, 1, "value"), 0, "t2_echo = 0"),
        (("qubits", 0, 2, "unit"), "MHz", "below its minimum"),
        (("qubits", 0, 3, "value"), 0.3, "above its maximum of 0"),
        (("qubits", 0, 4, "value"), 98.5, "below its minimum"),
        (("qubits", 0, 5, "value"), -0.1, "above its maximum of 1"),
        (("qubits", 0, 6, "value"), "0.01", "is not a finite number"),
        (("qubits", 0, 7, "value"), -1, "below its minimum"),
        (("qubits", 1, 0, "date"), SOON, "in the future"),
        (("qubits", 1, 1, "unit"), "V", "V is not GHz"),
        (("gates", 0, "parameters", 0, "value"), 1.5, "below its minimum of 0"),
        (("gates", 0, "parameters", 1, "value"), 0, "below its minimum"),
    ],
    "qibolab-calibration": [
        (("single_qubits", "0", "resonator", "dressed_frequency"), 8.4, "below its minimum"),
        (("single_qubits", "0", "qubit", "frequency_01"), -4e9, "below its minimum"),
        (("single_qubits", "0", "readout", "fidelity"), 98.5, "above its maximum of 1"),
        (("single_qubits", "0", "t1"), [-1.0, 3.0], "t1 = -0.001"),
        (("single_qubits", "0", "t2"), [9000.0, -1.0], "error of t2_star"),
        (("single_qubits", "0", "t2_spin_echo"), "long", "is not a finite number"),
        (("single_qubits", "1", "t1"), 0.0, "t1 = 0"),
    ],
    "device-topology": [
        (("qubits", 0, "fidelity"), 99.94, "above its maximum of 1"),
        (("qubits", 0, "meas_error", "prob_meas1_prep0"), 2.17, "below its minimum of 0"),
        (("qubits", 0, "meas_error", "prob_meas0_prep1"), -1, "above its maximum of 1"),
        (("qubits", 0, "qubit_lifetime", "t1"), 0, "t1 = 0"),
        (("qubits", 0, "qubit_lifetime", "t2"), 1e7, "above its maximum"),
        (("qubits", 0, "gate_duration", "sx"), -16, "below its minimum"),
        (("qubits", 0, "gate_duration", "x"), True, "is not a finite number"),
        (("couplings", 0, "fidelity"), 98.5, "above its maximum of 1"),
        (("couplings", 0, "gate_duration", "rzx90"), 0, "zx90_gate_time = 0"),
    ],
}


@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_every_impossible_value_of_other_programs_is_refused_with_its_line(
    qdash: QDash, tmp_path: Path, name: str
) -> None:
    document = deepcopy(FILES[name])
    for path, value, _ in OF_PROGRAMS[name]:
        change(document, path, value)
    file = tmp_path / "file.json"
    file.write_text(json.dumps(document, indent=1))
    said = get_refusal(qdash, file)
    for path, _, wanted in OF_PROGRAMS[name]:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        for place in (key, re.sub(r"\.(unit|date)$", ".value", key)):
            if found := re.search(rf"line [0-9]+: {re.escape(place)}: ((?:(?!; line ).)*)", said):
                break
        assert found is not None, (place, said)
        assert re.search(wanted, found[1]), (place, wanted, found[1])


QUBEX = {
    "t1": ("us", {"0": -5, "1": 0, "2": "long"}, ["must be between 0", "t1 = 0", "not a finite number"]),
    "t2_echo": ("GHz", {"0": 45}, ["but it must be us"]),
    "qubit_frequency": ("GHz", {"0": 5100, "1": 0.05}, ["between 0.01 and 100", "below its minimum of 0.5"]),
    "average_readout_fidelity": ("", {"0": 98.5, "1": 1.05}, ["between 0 and 1.1", "above its maximum of 1"]),
    "control_amplitude": ("", {"0": 3}, ["above its maximum of 1"]),
}


def test_every_impossible_number_of_parameter_files_is_refused_with_file_and_line(
    qdash: QDash, tmp_path: Path
) -> None:
    for file, (unit, data, _) in QUBEX.items():
        text = yaml.safe_dump({"meta": {"unit": unit}, "data": data}, sort_keys=False)
        (tmp_path / f"{file}.yaml").write_text(text)
    said = get_refusal(qdash, tmp_path, format_name="qubex-params")
    for file, (_, data, wanted) in QUBEX.items():
        for number, (key, expected) in enumerate(zip(data, wanted, strict=True)):
            assert re.search(rf"{file}\.yaml[^;]*", said), said
            assert re.search(rf"line {number + 4}: data\.{key}: [^;]*{re.escape(expected)}", said), (
                file,
                key,
                said,
            )


def test_possible_values_in_other_units_are_right_in_values_metrics_and_exports(
    qdash: QDash, tmp_path: Path
) -> None:
    path = tmp_path / "values.csv"
    path.write_text(
        "target,parameter,value,error,unit\n"
        "3,t1,0.0452,0.0008,ms\n3,qubit_frequency,8418.5,,MHz\n3,average_readout_fidelity,98.5 %,0.3 %,\n"
        "4,average_readout_fidelity,98.5,,%\n4,t1,45,0,us\n4,pi_amplitude,0.31,,\n3-4,cr_phase,90,,deg\n"
    )
    seen = qdash.get(EXCHANGE).compare(ADMIN, path, chip_id="A")
    qdash.get(EXCHANGE).perform_import(ADMIN, seen)
    known = qdash.get(METRICS).values(ADMIN, "A")
    shown = {
        (target, name): (one.parameter.value, one.parameter.error, one.parameter.unit)
        for target, values in {**known.qubits, **known.couplings}.items()
        for name, one in values.items()
    }
    assert shown == {
        ("3", "t1"): (45.2, 0.8, "us"),
        ("3", "qubit_frequency"): (8.4185, None, "GHz"),
        ("3", "average_readout_fidelity"): (0.985, 0.003, ""),
        ("4", "average_readout_fidelity"): (0.985, None, ""),
        ("4", "t1"): (45.0, None, "us"),
        ("4", "pi_amplitude"): (0.31, None, "a.u."),
        ("3-4", "cr_phase"): (pytest.approx(math.pi / 2), None, "rad"),
    }
    (table,) = qdash.get(EXCHANGE).export(ADMIN, "A", "csv").files.values()
    assert "3,t1,45.2,0.8,us" in table.decode()


def test_values_set_by_hand_are_converted_and_an_echo_time_above_twice_t1_is_warned_of(
    qdash: QDash, tmp_path: Path
) -> None:
    given = parse_values(["t1=0.1336ms", "t2_echo=269", "readout_fidelity_0=98.5±0.5%"])
    event = qdash.get(VALUES).set(ADMIN, "A", "6", given, reason="both within their errors")
    known = qdash.get(CHIPS).show(ADMIN, "A").qubits["6"].data
    assert {name: (one.value, one.error, one.unit) for name, one in known.items()} == {
        "t1": (133.6, None, "us"),
        "t2_echo": (269.0, None, "us"),
        "readout_fidelity_0": (0.985, 0.005, ""),
    }
    said = "t2_echo of 269 µs is above twice the t1 of 133.6 µs"
    assert event.warnings == (said,)
    path = tmp_path / "values.csv"
    path.write_text("target,parameter,value,unit\n5,t1,100,us\n5,t2_echo,260,us\n6,t2_echo,270,us\n")
    assert qdash.get(EXCHANGE).compare(ADMIN, path, chip_id="A").comparison.warnings == (
        "5: t2_echo of 260 µs is above twice the t1 of 100 µs",
        "6: t2_echo of 270 µs is above twice the t1 of 133.6 µs",
    )
