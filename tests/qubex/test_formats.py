"""qubex' files as formats: import of a chip, comparison of values, and export."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from qdash_builtin.chips.new_chip import make_new_chip
from qdash_builtin.files.validation import check_file
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError
from qdash_core.models.access import Access
from qdash_core.models.chip import MuxLines, ParameterModel, WiringModel
from qdash_core.models.project import ProjectRole
from qdash_qubex.formats.calibration_note import QubexNote
from qdash_qubex.formats.parameter_folder import QubexParameters
from qdash_qubex.note import make_time_fields, read_note
from qdash_testing import FormatContract
from tests.qubex.configurations import CHIP, SYSTEM, configuration, parameter, write

AUTHOR = Access("admin", "default", ProjectRole.OWNER)
PARAMETERS, NOTE = QubexParameters(), QubexNote()
VALUES = {
    "0": {
        "qubit_frequency": (4.34155, "GHz"),
        "t1": (30.1, "us"),
        "hpi_amplitude": (0.105, "a.u."),
        "hpi_length": (40.0, "ns"),
        "drag_hpi_amplitude": (0.106, "a.u."),
    },
    "1": {"pi_amplitude": (0.21, "a.u."), "pi_length": (40.0, "ns")},
    "0-1": {"zx90_gate_fidelity": (0.98, "")},
}


def a_chip(chip_id=CHIP, *, values=VALUES, backend="qubex", size=4, **options):
    made = make_new_chip(
        AUTHOR, chip_id, get_builtin_topology(f"square-lattice-mux-{size}"), backend=backend, **options
    )
    now = datetime.now(UTC)
    for target, known in values.items():
        ({**made.qubits, **made.couplings})[target].data = {
            name: ParameterModel(value=value, unit=unit, calibrated_at=now)
            for name, (value, unit) in known.items()
        }
    return made


@pytest.fixture
def no_laboratory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a configuration of its own."""
    monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("QDASH_QUBEX_SYSTEM", raising=False)


@pytest.fixture
def root(tmp_path: Path, no_laboratory) -> Path:
    return configuration(tmp_path / "laboratory")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


@pytest.mark.usefixtures("no_laboratory")
class TestParametersContract(FormatContract):
    format = PARAMETERS


@pytest.mark.usefixtures("no_laboratory")
class TestNoteContract(FormatContract):
    format = NOTE

    @pytest.fixture
    def chip(self):
        return a_chip()


def values(brought):
    return {(target, name): seed for target, seeds in brought.seeds.items() for name, seed in seeds.items()}


class TestReadingAConfiguration:
    def test_a_chip_is_made_of_it(self, root):
        parameter(root, "zx90_gate_fidelity", {"Q1-Q0": 0.98})
        write(root / "params" / SYSTEM / "measurement_defaults.yaml", {"readout": {"duration_ns": 512}})
        parts = PARAMETERS.read(root, None).chip
        assert (parts.chip_id, parts.backend, parts.controls) == (CHIP, "qubex", {"0-1": "1"})
        assert parts.topology == get_builtin_topology("square-lattice-mux-4")
        assert parts.wiring.lines[0].ctrl == ["BOXA:4", "BOXA:2", "BOXA:11", "BOXA:9"]
        assert parts.design["3"] == {"readout_length": 512.0}

    def test_values_say_where_they_stand(self, root):
        found = values(PARAMETERS.read(root, None))
        assert {
            place: (one.parameter.value, one.parameter.unit)
            for place, one in found.items()
            if place[0] == "1"
        } == {
            ("1", "qubit_frequency"): (4.8056, "GHz"),
            ("1", "anharmonicity"): (-0.32, "GHz"),
            ("1", "readout_frequency"): (6.25, "GHz"),
        }
        assert found["0", "anharmonicity"].place == f"params/{SYSTEM}/qubit_anharmonicity.yaml, data.Q0"

    @pytest.mark.parametrize("below", ["", "config", f"params/{SYSTEM}"])
    def test_any_folder_of_it_means_the_system(self, root, below):
        assert PARAMETERS.reads(root / below)
        assert PARAMETERS.read(root / below, None).chip.chip_id == CHIP

    def test_an_archive_that_qdash_exported_is_none(self, tmp_path):
        (tmp_path / "chip.yaml").write_text("chip_id: lab\nsize: 2\n")
        assert not PARAMETERS.reads(tmp_path)

    def test_one_file_is_refused(self, root):
        with pytest.raises(InvalidInputError, match="is a file"):
            PARAMETERS.read(root / "config" / "chip.yaml", a_chip())

    def test_an_older_folder_of_one_chip_is_read(self, root):
        older = root.parent / "older" / CHIP
        older.mkdir(parents=True)
        (root / "config").rename(older / "config")
        (root / "params" / SYSTEM).rename(older / "params")
        (older / "config" / "system.yaml").unlink()
        brought = PARAMETERS.read(older, None)
        assert brought.chip.chip_id == CHIP
        assert values(brought)["0", "qubit_frequency"].file == "params/control_frequency.yaml"

    def test_parameter_files_alone_are_values_of_a_chip_that_there_is(self, root):
        (root / "config" / "chip.yaml").unlink()
        brought = PARAMETERS.read(root / "params" / SYSTEM, a_chip())
        assert brought.chip is None
        assert values(brought)["0", "qubit_frequency"].file == "control_frequency.yaml"
        with pytest.raises(InvalidInputError, match="number of qubits is unknown"):
            PARAMETERS.read(root / "params" / SYSTEM, None)

    def test_of_several_systems_one_is_to_be_named(self, root):
        write(root / "config" / "system.yaml", {SYSTEM: {"chip_id": CHIP}, "SPARE": {"chip_id": CHIP}})
        with pytest.raises(InvalidInputError, match=r"SIM4-Q3 \(chip SIM4\), SPARE"):
            PARAMETERS.read(root, None)
        assert values(PARAMETERS.read(root / "params" / SYSTEM, None))
        assert values(PARAMETERS.read(root, a_chip(SYSTEM)))

    def test_a_lattice_of_another_kind_is_told(self, root):
        write(root / "config" / "chip.yaml", {CHIP: {"name": "line", "n_qubits": 6}})
        brought = PARAMETERS.read(root, None)
        assert brought.chip is None
        assert "none with 6 qubits" in brought.not_understood[-1].why

    def test_a_wiring_that_does_not_fit_is_refused(self, root):
        row = {"mux": 1, "ctrl": ["BOXA:4"], "read_out": "BOXA:1", "read_in": "BOXA:0"}
        write(root / "config" / "wiring.yaml", {SYSTEM: [row]})
        with pytest.raises(InvalidInputError, match=r"wiring\.yaml: mux 1: the chip has no such multiplexer"):
            PARAMETERS.read(root, None)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"ctrl": "BOXA:4"}, r"wiring\.yaml: \S+\[0\]\.ctrl: it has to be a list"),
            ({"mux": True}, r"wiring\.yaml: \S+\[0\]\.mux: it has to be a valid integer"),
            ({"read_out": "BOXA"}, r"wiring\.yaml: \S+\[0\]: 'BOXA' is not a line"),
        ],
    )
    def test_a_malformed_line_of_a_wiring_is_refused(self, root, change, message):
        row = {"mux": 0, "ctrl": ["BOXA:4"], "read_out": "BOXA:1", "read_in": "BOXA:0", **change}
        write(root / "config" / "wiring.yaml", {SYSTEM: [row]})
        with pytest.raises(InvalidInputError, match=message):
            PARAMETERS.read(root, None)


class TestWritingAConfiguration:
    def test_a_chip_that_qubex_does_not_know_is_described_to_it(self, folder, no_laboratory):
        lines = MuxLines(
            mux=0, ctrl=["U10A-5", "U10A-6", "U10A-7", "U10A-8"], read_out="U10A-1", read_in="U10A-0"
        )
        files = PARAMETERS.write(a_chip("NEW", wiring=WiringModel(lines=[lines])), folder)
        assert {path.relative_to(folder).as_posix() for path in files} == {
            *("config/chip.yaml", "config/wiring.yaml"),
            *(
                f"params/NEW/{name}.yaml"
                for name in ("control_frequency", "qubit_frequency", "t1", "zx90_gate_fidelity")
            ),
        }
        assert yaml.safe_load((folder / "config" / "chip.yaml").read_text())["NEW"]["n_qubits"] == 4
        found = PARAMETERS.read(folder, None)
        assert found.chip.wiring.lines == [lines]
        assert values(found)["0", "qubit_frequency"].parameter.value == 4.34155

    def test_the_laboratorys_own_files_are_copied_with_the_new_numbers(self, root, folder, monkeypatch):
        monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(root))
        own = root / "params" / SYSTEM / "control_frequency.yaml"
        own.write_text("# box 3 was warm\nmeta: {unit: MHz}\ndata:\n  Q0: 4341.5  # by night\n  Q1: 4805.6\n")
        PARAMETERS.write(a_chip(), folder)
        assert (folder / "params" / SYSTEM / "control_frequency.yaml").read_text() == own.read_text().replace(
            "4341.5  #", "4341.55 #"
        )
        assert not (folder / "config").exists()

    def test_files_have_the_place_that_they_have_in_the_laboratorys_folder(self, root, folder, monkeypatch):
        monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(root))
        (root / SYSTEM).mkdir()
        (root / "params" / SYSTEM).rename(root / SYSTEM / "params")
        written = PARAMETERS.write(a_chip(), folder)
        assert {path.relative_to(folder).parent.as_posix() for path in written} == {f"{SYSTEM}/params"}

    def test_nothing_is_written_where_all_of_it_stands_already(self, root, folder, monkeypatch):
        monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(root))
        same = {"0": {"anharmonicity": (-0.33, "GHz"), "rabi_frequency": (12.5, "MHz")}}
        with pytest.raises(
            InvalidInputError, match="that it can hold; rabi_frequency: it belongs to a pulse"
        ):
            PARAMETERS.write(a_chip(values=same), folder)

    def test_a_chip_of_another_size_than_the_configured_one_is_refused(self, root, folder, monkeypatch):
        monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(root))
        with pytest.raises(InvalidInputError, match="has 16 qubits, but SIM4"):
            PARAMETERS.write(a_chip(size=16), folder)


T1_FILE = f"params/{SYSTEM}/t1.yaml"


class TestEditedFiles:
    def check(self, path, text):
        return check_file(path, text.encode(), formats=[PARAMETERS, NOTE])

    @pytest.mark.parametrize("make", ["by hand", "of the twin"])
    def test_the_files_of_a_configuration_are_valid(self, make, root, request):
        folder = root if make == "by hand" else request.getfixturevalue("bench").config
        parameter(root, "zx90_gate_fidelity", {"Q1-Q0": 0.98, "Q0-Q2": None})
        checked = {
            path.relative_to(folder).as_posix(): check_file(
                path.relative_to(folder).as_posix(), path.read_bytes(), formats=[PARAMETERS, NOTE]
            )
            for path in folder.rglob("*.yaml")
        }
        assert {path: one.problem for path, one in checked.items() if one.problem} == {}
        known = {path.rpartition("/")[2] for path, one in checked.items() if one.format == "qubex-params"}
        assert {"chip.yaml", "system.yaml", "control_frequency.yaml"} <= known

    @pytest.mark.parametrize(
        ("path", "text", "line", "said"),
        [
            (T1_FILE, "meta:\n  unit: us\ndata:\n  Q00: 31\n  Q01: 28us\n", 5, "data.Q01: t1 is '28us', not a"),
            (T1_FILE, "meta: {unit: us}\ndata:\n  0: 31\n  1: true\n", 4, "data.1: t1 is True, not a finite"),
            (T1_FILE, "meta: {unit: us}\ndata:\n  0: -31\n", 3, "data.0: t1 is -31 us: it must be between"),
            (T1_FILE, "meta: {unit: us}\ndata:\n  Q00: 31\n  Q0l: 28\n", 4, "data.Q0l: 'Q0l' is not a qubit"),
            (T1_FILE, "data:\n  Q00: 31\n  Q00-Q01: 28\n", 3, "data.Q00-Q01: not a qubit"),
            (T1_FILE, "meta:\n  unit: usec\ndata:\n  Q00: 31\n", 2, "meta.unit: the library does not know"),
            (T1_FILE, "data:\n  Q00: 31\nmeta:\n  unit: MHz\n", 4, "meta.unit: its unit is MHz"),
            ("t1.yaml", "meta: {}\ndata: [31]\n", 2, "data is a list, not a mapping"),
            ("zx90_gate_fidelity.yaml", "data:\n  Q01: 0.98\n", 2, "data.Q01: not a coupling"),
            ("control_frequency.yaml", "data:\n  Q01: 4341.5\n", 2, "it must be between 0.01 and 100"),
            ("config/chip.yaml", "A:\n  name: a\n  n_qubits: 16Q\n", 3, "A.n_qubits: n_qubits is '16Q'"),
            ("config/system.yaml", "A:\n  chip_id: a\n  backend: quel2\n", 3, "the backend is 'quel2'"),
        ],
    )  # fmt: skip
    def test_a_problem_of_a_file_has_the_line_of_its_key(self, path, text, line, said):
        checked = self.check(path, text)
        assert checked.format == "qubex-params"
        assert checked.problem.line == line
        assert said in checked.problem.message

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (T1_FILE, "meta: {unit: us, default: 10}\ndata: {Q00: null, 1: .nan, Q02: 28}\n"),
            (T1_FILE, ""),
            ("params/a/qubit_anharmonicity.yaml", "meta: {unit: MHz}\ndata: {0: -330}\nmine: kept\n"),
        ],
    )
    def test_missing_values_other_keys_and_units_are_valid(self, path, text):
        assert self.check(path, text).problem is None

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("params/t1.yaml", "Q00: 31.5\nQ01: 28us\n"),
            ("params/t1.yaml", "[28us]\n"),
            (T1_FILE, "base: &base {Q00: 28us}\ndata: {<<: *base}\n"),
            (T1_FILE, "meta: {}\n---\ndata: {Q00: 28us}\n"),
            ("params/a/t1.yaml.txt", "data: {Q00: 28us}\n"),
            ("params/a/fridge.yaml", "data: {Q00: 28us}\n"),
            ("params/a/capture_delay.yaml", "data: {Q00: 28ns}\n"),
            ("chip.yaml", "name: A\nn_qubits: 16Q\n"),
            ("box.yaml", "BOXA: {type: quel2, n_qubits: 16Q}\n"),
        ],
    )
    def test_a_file_of_another_program_or_without_a_parameter_is_not_validated(self, path, text):
        checked = self.check(path, text)
        assert checked.format in ("yaml", "text")
        assert checked.problem is None


class TestNotes:
    def test_what_a_note_cannot_hold_is_said_with_the_reason(self, folder, caplog):
        NOTE.write(a_chip(), folder)
        assert (
            "not written to the note: 0.drag_hpi_amplitude: qubex plays a Gaussian with DRAG" in caplog.text
        )

    def test_pulses_that_both_play_are_written_and_read(self, folder):
        (path,) = NOTE.write(a_chip(), folder)
        assert {entry.place for entry in read_note(path).entries.values()} == {
            "hpi_params.Q0",
            "pi_params.Q1",
        }
        found = values(NOTE.read(path, a_chip()))
        assert found["0", "hpi_amplitude"].parameter.value == 0.105
        assert found["0", "hpi_amplitude"].measured_at is not None

    def test_what_is_not_carried_over_is_told(self, tmp_path):
        now = make_time_fields(datetime.now(UTC))["timestamp"]
        flat_top = {"target": "Q0", "duration": 32.0, "amplitude": 0.1, "tau": 12, "timestamp": now}
        path = write(tmp_path / "calib_note.json", {"hpi_params": {"Q0": flat_top}, "remark": "warm"})
        brought = NOTE.read(path, None)
        assert not brought.seeds
        assert {(one.key, one.why.split(":")[0]) for one in brought.not_understood} == {
            ("hpi_params.Q0", "a flat-top pulse of 32 ns with edges of 12 ns"),
            ("remark", "not a section of qubex's notes"),
        }

    @pytest.mark.parametrize(
        ("chip", "why"),
        [
            ({"backend": "qubex-native"}, "in qubex's own note"),
            ({"values": {}}, "no pulse is calibrated"),
            ({"values": {"0": {"drag_hpi_amplitude": (0.1, "a.u.")}}}, "a Gaussian with DRAG"),
        ],
    )
    def test_a_note_of_nothing_is_refused_with_the_reason(self, folder, chip, why):
        with pytest.raises(InvalidInputError, match=why):
            NOTE.write(a_chip(**chip), folder)
        assert not list(folder.iterdir())


@pytest.mark.slow
def test_the_library_loads_what_was_written(root, folder, monkeypatch):
    """This is the whole path: qubex' own loader of configurations reads the folder that `write` filled."""
    import shutil

    from qubex.system import ConfigLoader

    monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(root))
    PARAMETERS.write(a_chip(), folder)
    shutil.copytree(folder, root, dirs_exist_ok=True)
    loader = ConfigLoader(system_id=SYSTEM, config_dir=root / "config", params_dir=root / "params" / SYSTEM)
    assert loader.get_experiment_system().get_qubit("Q0").frequency == 4.34155
    assert loader.load_param_data("t1")["Q0"] == 30100.0
    assert loader.load_param_data("zx90_gate_fidelity") == {"Q0-Q1": 0.98}
