"""qubex' parameter folder: import of its values into QDash, and export of QDash's values."""

from pathlib import Path

import pytest
import yaml

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_qubex.names import Names
from qdash_qubex.parameter_files import find_controls, read_parameters
from qdash_qubex.parameter_writing import make_parameter_files
from qdash_qubex.parameters import FILE_PARAMETERS, IGNORED_FILES, convert_value, explain_omission
from qdash_qubex.system_config import QubexSystem
from qdash_tasks.tasks import TASKS

NAMES = Names(16)
BY_HAND = """\
# measured by night, box 3 was warm
meta:
  description: energy relaxation
  unit: us
  default: 10
data:
  Q01: 31.5  # twice
  0:   30.1
  2: null
  7: .nan
mine: "kept"
"""


@pytest.fixture
def params(tmp_path: Path) -> Path:
    folder = tmp_path / "params" / "SIM16-Q3"
    folder.mkdir(parents=True)
    return folder


def system(params: Path) -> QubexSystem:
    return QubexSystem("SIM16-Q3", "SIM16", "quel3", 16, (), params)


def read(params: Path):
    found, skipped = read_parameters(system(params))
    return {(one.target, one.name): one for one in found}, {(one.file, one.key): one.why for one in skipped}


def put(params: Path, name: str, text: str) -> None:
    (params / f"{name}.yaml").write_text(text, encoding="utf-8")


def written(params: Path, values, controls=None):
    given = {
        target: {name: Parameter(value, None, unit) for name, (value, unit) in known.items()}
        for target, known in values.items()
    }
    return make_parameter_files(params, given, NAMES, controls=controls or {})


class TestUnits:
    @pytest.mark.parametrize(
        ("value", "unit", "wanted", "found"),
        [
            (30.1, "us", "ns", 30100.0),
            (30100.0, "ns", "us", 30.1),
            (4341.5, "MHz", "GHz", 4.3415),
            (0.1, "a.u.", "", 0.1),
        ],
    )
    def test_powers_of_ten_are_exact(self, value, unit, wanted, found):
        assert convert_value(value, unit, wanted) == found

    @pytest.mark.parametrize("unit", ["\N{GREEK SMALL LETTER MU}s", "%", "dB", "GHz", ""])
    def test_a_unit_of_another_kind_or_of_nobody_is_refused(self, unit):
        with pytest.raises(InvalidInputError, match=r"unit|wanted"):
            convert_value(30.0, unit, "us")


class TestTable:
    def test_every_parameter_is_one_of_qdash_in_its_unit(self):
        declared = {name: output.unit for task in TASKS for name, output in task.output_parameters.items()}
        # Resonators, readout and anharmonicity: design values are values too.
        assert {name: one.unit for name, one in FILE_PARAMETERS.items() if name in declared} == {
            name: declared[name] for name in FILE_PARAMETERS if name in declared
        }
        assert FILE_PARAMETERS.keys() <= declared.keys()

    @pytest.mark.slow
    def test_every_file_is_one_that_the_library_reads_and_none_is_forgotten(self):
        from qubex.system.config_loader import PARAMS_MAP

        carried = {file for one in FILE_PARAMETERS.values() for file in one.files}
        assert carried | IGNORED_FILES.keys() == PARAMS_MAP.keys()

    def test_what_has_no_counterpart_is_said(self):
        assert "calibration note" in explain_omission("drag_hpi_beta")
        assert "zeta = 2 xi" in explain_omission("static_zz_interaction")
        assert explain_omission("bell_state_fidelity") == "the library has no file for it"


class TestReading:
    def test_a_file_is_read_in_its_unit_and_by_number_or_label(self, params):
        put(params, "t1", BY_HAND)
        found, _ = read(params)
        assert {target: one.value for (target, _), one in found.items()} == {
            "0": 30.1,
            "1": 31.5,
            "2": 10,
            "7": 10,
        }
        assert (found["1", "t1"].file, found["1", "t1"].key) == ("t1.yaml", "data.Q01")

    def test_what_is_missing_is_absent(self, params):
        put(params, "t1", "{meta: {unit: ns}, data: {0: null, 1: .nan, 2: 31000}}")
        found, skipped = read(params)
        assert {place: one.value for place, one in found.items()} == {("2", "t1"): 31.0}
        assert skipped == {}

    def test_without_a_unit_numbers_are_in_what_the_library_reckons_in(self, params):
        put(params, "t1", "{data: {0: 31000}}")
        put(params, "readout_frequency", "{data: {0: 6.2}}")
        found, _ = read(params)
        assert {place: one.value for place, one in found.items()} == {
            ("0", "t1"): 31.0,
            ("0", "readout_frequency"): 6.2,
        }

    def test_the_library_drives_at_the_control_frequency(self, params):
        put(params, "qubit_frequency", "{meta: {unit: MHz}, data: {0: 4341.0, 1: 4805.6}}")
        put(params, "control_frequency", "{meta: {unit: GHz}, data: {0: 4.3415}}")
        found, skipped = read(params)
        assert {target: one.value for (target, _), one in found.items()} == {"0": 4.3415, "1": 4.8056}
        assert "control_frequency.yaml has 4.3415" in skipped["qubit_frequency.yaml", "data.0"]

    def test_older_folders_hold_all_in_two_files(self, params):
        put(
            params,
            "props",
            "{SIM16: {anharmonicity: {Q00: -0.33, Q01: -0.32}, t1: {Q00: 29000}}, OTHER: {t1: {Q00: 1}}}",
        )
        put(params, "qubit_anharmonicity", "{meta: {unit: MHz}, data: {0: -331}}")
        found, _ = read(params)
        assert {place: one.value for place, one in found.items()} == {
            ("0", "anharmonicity"): -0.331,
            ("1", "anharmonicity"): -0.32,
            ("0", "t1"): 29.0,
        }
        assert found["0", "t1"].key == "SIM16.t1.Q00"

    def test_what_says_nothing_to_qdash_is_told(self, params):
        put(params, "capture_delay", "{meta: {unit: ns}, data: {0: 7}}")
        put(params, "fridge", "{warm: 1}")
        put(params, "t1", "{meta: {unit: us}, data: {16: 30, RQ00: 30, Q00-Q01: 30}}")
        found, skipped = read(params)
        assert found == {}
        assert {place: why[:24] for place, why in skipped.items()} == {
            ("capture_delay.yaml", ""): "it configures instrument",
            ("fridge.yaml", ""): "QDash has no parameter o",
            ("t1.yaml", "data.16"): "not on the chip, which h",
            ("t1.yaml", "data.RQ00"): "'RQ00' is not a qubit or",
            ("t1.yaml", "data.Q00-Q01"): "not a qubit",
        }

    @pytest.mark.parametrize(
        ("name", "text", "what"),
        [
            (
                "t1",
                "{meta: {unit: \N{GREEK SMALL LETTER MU}s}, data: {0: 30}}",
                r"t1\.yaml, line 1: data\.0: the library does not know",
            ),
            ("t1", "{meta: {unit: GHz}, data: {0: 30}}", "but it must be us"),
            ("t1", "{data: {0: long}}", "'long'"),
            ("t1", "{data: {0: true}}", "True"),
            ("t1", "{0: 30}", "neither meta nor data"),
            ("qubit_frequency", "{data: {0: 4341.5}}", "between 0.01 and 100"),
            ("average_readout_fidelity", "{data: {0: 99.1}}", "between 0 and 1.1"),
        ],
    )
    def test_what_cannot_be_is_refused_with_file_and_key(self, params, name, text, what):
        put(params, name, text)
        with pytest.raises(InvalidInputError, match=what):
            read(params)

    def test_a_pair_is_named_by_its_control(self, params):
        put(params, "zx90_gate_fidelity", "{data: {Q01-Q00: 0.98, Q02-Q03: 0.97, Q03-Q02: 0.96}}")
        found, _ = read_parameters(system(params))
        controls, kept, left = find_controls(found)
        assert controls == {"0-1": "1"}
        assert [(one.target, one.value) for one in kept] == [("0-1", 0.98)]
        assert {one.key for one in left} == {"data.Q02-Q03", "data.Q03-Q02"}


class TestWriting:
    def test_everything_else_in_a_file_stays(self, params):
        put(params, "t1", BY_HAND)
        texts = written(
            params, {"0": {"t1": (29.75, "us")}, "2": {"t1": (12.0, "us")}, "9": {"t1": (40.5, "us")}}
        )
        expected = BY_HAND.replace("30.1", "29.75").replace("null", "12.0").replace(".nan", ".nan\n  9: 40.5")
        assert [line.split() for line in texts["t1.yaml"].splitlines()] == [
            line.split() for line in expected.splitlines()
        ]

    def test_a_number_keeps_the_unit_of_its_file(self, params):
        put(params, "readout_frequency", "meta: {unit: MHz}\ndata:\n  Q00: 6200.0\n")
        texts = written(params, {"0": {"readout_frequency": (6.2015, "GHz")}})
        assert yaml.safe_load(texts["readout_frequency.yaml"])["data"] == {"Q00": 6201.5}

    def test_a_new_file_says_its_unit(self, params):
        texts = written(params, {"0": {"t1": (30.0, "us"), "control_amplitude": (1e-5, "a.u.")}})
        assert yaml.safe_load(texts["t1.yaml"]) == {"meta": {"unit": "us"}, "data": {0: 30.0}}
        assert yaml.safe_load(texts["control_amplitude.yaml"]) == {"data": {0: 1e-5}}

    def test_the_drive_frequency_is_written_where_the_library_looks(self, params):
        texts = written(params, {"0": {"qubit_frequency": (4.3415, "GHz")}})
        assert texts.keys() == {"control_frequency.yaml", "qubit_frequency.yaml"}

    def test_a_file_that_says_so_already_is_left_alone(self, params):
        put(params, "t1", "meta: {unit: ns}\ndata: {Q00: 30100}\n")
        assert written(params, {"0": {"t1": (30.1, "us"), "drag_hpi_amplitude": (0.1, "a.u.")}}) == {}

    def test_a_pair_is_written_under_its_control(self, params):
        values = {"0-1": {"zx90_gate_fidelity": (0.98, "")}, "2-3": {"zx90_gate_fidelity": (0.97, "")}}
        texts = written(params, values, controls={"0-1": "1"})
        assert yaml.safe_load(texts["zx90_gate_fidelity.yaml"])["data"] == {"Q01-Q00": 0.98}

    def test_what_is_written_is_read_as_the_same_values(self, params):
        values = {
            "3": {
                name: (0.37 if one.unit in ("", "a.u.") else 5.25, one.unit)
                for name, one in FILE_PARAMETERS.items()
                if one.of == "qubit"
            },
            "0-1": {"zx90_gate_fidelity": (0.98, "")},
        }
        for name, text in written(params, values, controls={"0-1": "0"}).items():
            (params / name).write_text(text)
        found, skipped = read(params)
        assert {(target, name): one.value for (target, name), one in found.items()} == {
            (target, name): value for target, known in values.items() for name, (value, _) in known.items()
        }
        assert skipped == {}

    @pytest.mark.parametrize(
        ("values", "what"),
        [
            ({"16": {"t1": (30.0, "us")}}, "16 qubits"),
            ({"0": {"t1": (float("nan"), "us")}}, "nan"),
            ({"0": {"t1": (-1.0, "us")}}, "it must be between"),
            ({"0": {"t1": (30.0, "GHz")}}, "but it must be us"),
        ],
    )
    def test_what_cannot_be_is_not_written(self, params, values, what):
        with pytest.raises(InvalidInputError, match=what):
            written(params, values)

    def test_a_file_in_a_unit_of_nobody_is_refused(self, params):
        put(params, "t1", "{meta: {unit: \N{GREEK SMALL LETTER MU}s}, data: {0: 30}}")
        with pytest.raises(InvalidInputError, match=r"t1\.yaml: the library does not know"):
            written(params, {"0": {"t1": (30.0, "us")}})
