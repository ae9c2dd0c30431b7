"""qubex' calibration note: its contents, the entries that QDash writes, and the library's reading of these."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_qubex.names import Names
from qdash_qubex.note import NoteContents, NoteEntry, make_time_fields, read_note, write_note
from qdash_qubex.note_entries import CalibratedValue, make_entries, make_settings_entries
from qdash_qubex.note_values import read_values
from qdash_tasks.laboratory.settings import Settings

from ..case_tables import each_case

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
NAMES = Names(16)
DIRECTED = {"0-1": "1"}
PI = {"pi_amplitude": 0.21, "pi_length": 40.0}
HPI = {"hpi_amplitude": 0.105, "hpi_length": 40.0}
GATE = {
    "cr_amplitude": 0.4,
    "cr_phase": -1.25,
    "cancel_amplitude": 0.02,
    "cancel_phase": 2.5,
    "rotary_amplitude": -0.05,
    "zx90_gate_time": 280.0,
    "zx_rotation_rate": 1.5,
}


def calibrated(values, at=NOW - timedelta(days=1)):
    return {name: CalibratedValue(value, at) for name, value in values.items()}


def entry(section="hpi_params", label="Q00", days=1, **fields):
    made = {"duration": 40.0, "amplitude": 0.1, "tau": 20.0} | fields
    return NoteEntry(
        section, label, {"target": label, **made, **make_time_fields(NOW - timedelta(days=days))}
    )


def written(values, **options):
    return make_entries(values, NAMES, **{"controls": DIRECTED, "now": NOW} | options)


def read(note, **options):
    found, left = read_values(note, **{"controls": DIRECTED, "now": NOW} | options)
    return {(one.target, one.name): one for one in found}, {one.place: one.why for one in left}


def test_a_raised_cosine_is_a_flat_top_whose_edges_take_half():
    (made,), left = written({"0": calibrated(HPI)})
    assert (made.section, made.label, left) == ("hpi_params", "Q00", [])
    assert made.fields == {
        "target": "Q00",
        "duration": 40.0,
        "amplitude": 0.105,
        "tau": 20.0,
        **make_time_fields(NOW - timedelta(days=1)),
    }


def test_a_gate_is_written_under_its_control_and_with_one_of_its_tones():
    (made,), _ = written({"1": {"pi_length": calibrated(PI)["pi_length"]}, "0-1": calibrated(GATE)})
    assert (made.section, made.label, made.incompleteness) == ("cr_params", "Q01-Q00", None)
    fields = made.fields
    assert (fields["duration"], fields["ramptime"], fields["cr_beta"], fields["cancel_beta"]) == (
        100,
        28,
        0,
        0,
    )
    # GHz for an amplitude of 1: 1.5 MHz at 0.4.
    assert fields["zx_rotation_rate"] == pytest.approx(0.00375)
    assert {name: fields[name] for name in GATE if name in fields and name != "zx_rotation_rate"} == {
        name: value for name, value in GATE.items() if name not in ("zx90_gate_time", "zx_rotation_rate")
    }


def test_what_is_written_is_read_as_the_same_values():
    values = {"1": calibrated(HPI | PI), "0-1": calibrated(GATE)}
    entries, left = written(values)
    found, not_read = read(NoteContents.from_entries(entries))
    assert (left, not_read) == ([], {})
    assert {place: one.parameter.value for place, one in found.items()} == pytest.approx(
        {(target, name): one.value for target, known in values.items() for name, one in known.items()}
    )
    assert found["0-1", "zx_rotation_rate"].parameter.unit == "MHz"
    assert found["1", "pi_amplitude"].at == NOW - timedelta(days=1)
    assert found["1", "pi_amplitude"].key == "pi_params.Q01.amplitude"


@each_case("missing", [*GATE, "pi_length"])
def test_half_an_entry_is_never_written(missing):
    values = {"1": calibrated(PI), "0-1": calibrated(GATE)}
    values["1" if missing == "pi_length" else "0-1"].pop(missing)
    entries, left = written(values)
    assert not [made for made in entries if made.section == "cr_params"]
    assert all(missing in one.why for one in left)


@each_case(
    ("values", "options", "why"),
    [
        ({"0": calibrated({"hpi_amplitude": float("nan"), "hpi_length": 40.0})}, {}, "nan"),
        ({"0": calibrated(HPI, at=None)}, {}, "calibration time is unknown"),
        ({"0": calibrated(HPI, at=NOW - timedelta(days=14))}, {}, "14 days"),
        ({"0": calibrated({"drag_hpi_amplitude": 0.1, "drag_hpi_beta": 0.2})}, {}, "a Gaussian with DRAG"),
        ({"1": calibrated(PI), "0-1": calibrated(GATE)}, {"controls": {}}, "no direction"),
        ({"1": calibrated(PI | {"pi_length": 100.0}), "0-1": calibrated(GATE)}, {}, "too short for two X180"),
    ],
)
def test_what_is_not_the_librarys_is_left_out_with_the_reason(values, options, why):
    entries, left = written(values, **options)
    assert not [made for made in entries if made.section != "pi_params"]
    assert why in left[0].why


@each_case("later", ["cr_phase", "zx90_gate_time", "zx_rotation_rate"])
def test_numbers_of_several_results_are_no_gate(later):
    gate = calibrated(GATE) | calibrated({later: GATE[later]}, at=NOW)
    entries, (left,) = written({"1": calibrated(PI), "0-1": gate})
    assert [made.section for made in entries] == ["pi_params"]
    assert f"{later} is newer than cr_amplitude" in left.why


def test_an_amplitude_belongs_to_the_length_it_was_found_with():
    entries, (left,) = written({"0": calibrated(HPI) | calibrated({"hpi_length": 32.0}, at=NOW)})
    assert not entries
    assert "not of one calibration" in left.why


def test_an_amplitude_found_after_a_length_is_of_a_pulse_so_long():
    (entry,), left = written({"0": calibrated(HPI) | calibrated({"hpi_amplitude": 0.03}, at=NOW)})
    assert entry.fields["duration"] == HPI["hpi_length"]
    assert entry.made_at == NOW.replace(microsecond=0)
    assert not left


@each_case(
    ("one", "why"),
    [
        (entry(tau=12.0, duration=32.0), "a flat-top pulse of 32 ns with edges of 12 ns"),
        (entry(days=14), "the library uses an entry for 14 days"),
        (entry(amplitude=None), "no number for amplitude"),
        (entry(amplitude=float("inf")), "no number for amplitude"),
        (NoteEntry("hpi_params", "Q00", {"duration": 40.0, "amplitude": 0.1, "tau": 20.0}), "no timestamp"),
        (entry(label="Q00-ef"), "does not calibrate pulses of this transition"),
        (entry("drag_pi_params", beta=0.2), "a Gaussian with DRAG"),
    ],
)
def test_what_is_not_qdashs_is_not_carried_over(one, why):
    found, left = read(NoteContents.from_entries([one]))
    assert not found
    assert why in left[one.place]


@each_case(
    ("changed", "controls", "why"),
    [
        ({}, {"0-1": "0"}, "Q01 is the control qubit"),
        ({}, {}, "Q01 is the control qubit"),
        ({"ramptime": 16.0}, DIRECTED, "edges have 16 ns"),
        ({"cr_beta": 0.3}, DIRECTED, "have DRAG"),
        ({"duration": 0.0}, DIRECTED, "too short for a gate"),
    ],
)
def test_a_gate_with_other_tones_or_the_other_way_round_is_not_carried_over(changed, controls, why):
    entries, _ = written({"1": calibrated(PI), "0-1": calibrated(GATE)})
    changed_gate = [
        one if one.section == "pi_params" else NoteEntry(one.section, one.label, {**one.fields, **changed})
        for one in entries
    ]
    _, left = read(NoteContents.from_entries(changed_gate), controls=controls)
    assert why in left["cr_params.Q01-Q00"]


def test_a_gate_is_as_long_as_its_x180_says():
    entries, _ = written({"1": calibrated(PI), "0-1": calibrated(GATE)})
    _, left = read(NoteContents.from_entries(one for one in entries if one.section == "cr_params"))
    assert "no raised-cosine X180 of Q01" in left["cr_params.Q01-Q00"]


SETTINGS = {
    "0": Settings(4.3, 6.2, 0.1, 500.0, hpi_amplitude=0.105, drag_hpi_amplitude=0.11, drag_hpi_beta_ns=0.2),
    "1": Settings(4.8, 6.3, 0.1, 500.0),
}


IN_USE = {"0": {"hpi_amplitude": CalibratedValue(0.105, NOW - timedelta(days=3))}}


class TestInUse:
    def test_pulses_with_a_calibration_of_their_own_are_given_to_the_library_as_old_as_they_are(self):
        (made,) = make_settings_entries(SETTINGS, IN_USE, NAMES, now=NOW)
        assert (made.place, made.fields["amplitude"]) == ("hpi_params.Q00", 0.105)
        assert made.made_at == NOW - timedelta(days=3)

    @pytest.mark.parametrize(
        "calibrated",
        [
            {},
            {"0": {"hpi_amplitude": CalibratedValue(0.105, None)}},
            {"0": {"hpi_amplitude": CalibratedValue(0.104, NOW)}},
            {"0": {"hpi_amplitude": CalibratedValue(0.105, NOW - timedelta(days=15))}},
        ],
        ids=["unknown", "undated", "of another amplitude", "too old"],
    )
    def test_a_pulse_of_which_nobody_knows_that_it_is_young_enough_is_not(self, calibrated):
        assert make_settings_entries(SETTINGS, calibrated, NAMES, now=NOW) == []


class TestTime:
    """The library writes local times, whose order is unknown across time zones."""

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
    def test_an_entry_of_qdash_is_as_old_on_every_machine(self, zone, monkeypatch):
        made = entry(days=1)
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            assert made.made_at == NOW - timedelta(days=1)
        time.tzset()

    def test_what_the_library_has_written_since_counts(self):
        made = entry(days=3)
        again = NoteEntry(
            made.section, made.label, {**made.fields, "timestamp": make_time_fields(NOW)["timestamp"]}
        )
        assert again.made_at == NOW


class TestMerging:
    def test_the_newer_entry_replaces_the_older_one_whole(self):
        old, new = entry(days=3, amplitude=0.1, extra=1), entry(days=2, amplitude=0.2)
        for merged in (
            NoteContents.from_entries([old]).merge(NoteContents.from_entries([new])),
            NoteContents.from_entries([new]).merge(NoteContents.from_entries([old])),
        ):
            assert merged.entries["hpi_params", "Q00"] == new

    def test_half_an_entry_replaces_no_whole_one(self):
        whole, half = entry(days=3), entry(days=1, amplitude=None)
        assert (
            NoteContents.from_entries([whole])
            .merge(NoteContents.from_entries([half]))
            .entries["hpi_params", "Q00"]
            == whole
        )
        assert (
            NoteContents.from_entries([half])
            .merge(NoteContents.from_entries([whole]))
            .entries["hpi_params", "Q00"]
            == whole
        )

    def test_what_is_unknown_is_kept(self):
        note = NoteContents.from_document({"remark": "warm", "hpi_params": {"Q00": {"mine": 1}}})
        assert note.merge(NoteContents.from_entries([entry(label="Q01")])).to_document()["remark"] == "warm"
        assert note.to_document()["hpi_params"] == {"Q00": {"mine": 1}}
        assert note.without_incomplete().to_document() == {"remark": "warm"}


class TestFiles:
    def test_a_note_is_read_as_it_was_written(self, tmp_path: Path):
        note = NoteContents.from_entries([entry(), entry("pi_params", "Q01")])
        write_note(tmp_path / "a" / "calib_note.json", note)
        assert read_note(tmp_path / "a" / "calib_note.json") == note

    def test_a_number_that_is_none_is_never_written(self, tmp_path: Path):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write_note(tmp_path / "note.json", NoteContents.from_entries([entry(amplitude=float("nan"))]))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("{", "Expecting"),
            ("[]", "not a list"),
            ('{"hpi_params": 1}', "hpi_params is a int"),
            ('{"hpi_params": {"Q00": 2}}', "hpi_params.Q00 is a int"),
        ],
    )
    def test_a_file_that_is_no_note_is_refused(self, tmp_path: Path, text, what):
        (tmp_path / "note.json").write_text(text)
        with pytest.raises(InvalidInputError, match=what):
            read_note(tmp_path / "note.json")

    def test_a_file_that_is_not_there_is_said(self, tmp_path: Path):
        with pytest.raises(NotFoundError, match="no calibration note"):
            read_note(tmp_path / "note.json")


@pytest.mark.slow
def test_the_library_finds_what_was_written_and_keeps_it_when_it_saves(tmp_path: Path):
    from qubex.experiment.models.calibration_note import CalibrationNote

    now = datetime.now(UTC)
    entries, _ = make_entries(
        {"1": calibrated(HPI | PI, at=now), "0-1": calibrated(GATE, at=now)},
        NAMES,
        controls=DIRECTED,
        now=now,
    )
    path = tmp_path / "calib_note.json"
    write_note(path, NoteContents.from_entries(entries))
    library = CalibrationNote("CHIP", file_path=path)
    assert library.get_hpi_param("Q01", valid_days=14)["amplitude"] == HPI["hpi_amplitude"]
    assert library.get_pi_param("Q01", valid_days=14)["tau"] == PI["pi_length"] / 2
    assert library.get_cr_param("Q01-Q00", valid_days=14)["duration"] == 100.0
    library.save()
    assert json.loads(path.read_text()) == NoteContents.from_entries(entries).to_document()


@pytest.mark.slow
@pytest.mark.parametrize("sample_ns", [0.4, 2.0])
def test_the_library_plays_the_raised_cosine_of_qdash(sample_ns):
    import numpy as np
    from qxpulse import FlatTop

    from qdash_tasks.laboratory.program import Waveform

    (made,), _ = written({"0": calibrated(HPI)})
    fields = {name: made.fields[name] for name in ("duration", "amplitude", "tau")}
    played = FlatTop(**fields, sampling_period=sample_ns).values
    wanted = HPI["hpi_amplitude"] * Waveform("cosine", HPI["hpi_length"]).samples(sample_ns)
    np.testing.assert_allclose(played, wanted, atol=1e-12)


@pytest.mark.slow
def test_a_drag_pulse_of_the_library_is_another_one():
    import numpy as np
    from qxpulse import Drag

    from qdash_tasks.laboratory.program import Waveform

    played = Drag(duration=40.0, amplitude=0.1, beta=0.25, sampling_period=0.4).values
    ours = 0.1 * Waveform("cosine", 40.0, beta_ns=0.25).samples(0.4)
    # One sign in quadrature, and 6 % more area: the same amplitude would over-rotate the qubit.
    assert np.sum(played.imag * ours.imag) > 0
    assert played.real.sum() / ours.real.sum() == pytest.approx(1.07, abs=0.03)
