"""`qdash values`: values that people change and undo."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.request_parts.typed_values import parse_values
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, open_qdash
from qdash_core.models.chip import TargetStatus
from qdash_core.repositories.chips import QubitCalibrationRepository

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def chip(command: InProcess) -> InProcess:
    """Chip `a` with a task that declares T1 (of the standard tasks)."""
    command.does("chip", "create", "a", "--topology", "linear-16")
    return command


def set_t1(command: InProcess, value: str, target: str = "0") -> dict[str, object]:
    found: dict[str, object] = command.read_json(
        "values", "set", "a", target, f"t1={value}", "--reason", "by hand"
    )
    return found


@pytest.mark.parametrize(
    ("text", "value", "error", "unit"),
    [
        ("t1=45.2±0.8", 45.2, 0.8, ""),
        ("t1=45.2+-0.8", 45.2, 0.8, ""),
        ("t1=45.2 +/- 0.8 us", 45.2, 0.8, "us"),
        ("t1=45.2(8)us", 45.2, 0.8, "us"),
        ("t1=81(13)", 81.0, 13.0, ""),
        ("t1=4.52e1(8)", 45.2, 0.8, ""),
        ("t1=45.2", 45.2, None, ""),
        ("t1=\N{MINUS SIGN}0.3", -0.3, None, ""),
        ("t1=45.2µs", 45.2, None, "µs"),
    ],
)
def test_values_are_written_with_errors_and_units(
    text: str, value: float, error: float | None, unit: str
) -> None:
    found = parse_values([text])["t1"]
    assert (found.value, found.unit) == (value, unit)
    assert found.error == (None if error is None else pytest.approx(error))


@pytest.mark.parametrize(
    "text",
    [
        "t1",
        "=3",
        "t1=",
        "t1=fast",
        "t1=1±0",
        "t1=1±-1",
        "t1=1(0)",
        "t1=nan",
        "t1=inf",
        "t1=1e999",
        "t1=1 2",
        "t1=1()",
    ],
)
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_values([text])


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        found = parse_values([f"t1={text}"])["t1"]
    except InvalidInputError:
        return
    assert found.error is None or found.error > 0


def test_a_name_is_given_once() -> None:
    with pytest.raises(InvalidInputError, match="given twice"):
        parse_values(["t1=1", "t1=2"])


def test_a_value_is_set_shown_and_undone(chip: InProcess) -> None:
    told = chip.does("values", "set", "a", "0", "t1=45.2±0.8", "--reason", "by hand")
    assert "45.2(8)" in told
    assert told.endswith("event 1 of chip a, set by admin: by hand\n")
    assert chip.read_json("values", "show", "1")["changes"][0]["after"]["error"] == 0.8
    assert "undo of event 1" in chip.does("values", "undo")
    assert [one["kind"] for one in chip.read_json("values", "log", "a")] == ["undone", "set"]
    assert chip.does("values", "log", "a", "--limit", "1").endswith("\nand more: --before 2\n")
    assert chip.does("values", "log", "a", "--qids", "3") == "no matching value events\n"


def test_a_value_far_from_the_one_in_use_needs_yes(chip: InProcess) -> None:
    set_t1(chip, "45.2(8)")
    refused = chip.run_refused("values", "set", "a", "0", "t1=4.52", "--reason", "by hand")
    assert "t1 = 4.52 µs is far from 45.2(8) µs in use" in refused.replace("\N{NO-BREAK SPACE}", " ")
    assert "--yes" in refused
    told = chip.does("values", "set", "a", "0", "t1=4.52", "--reason", "by hand", "--yes")
    assert "(confirmed: t1 = 4.52" in told
    assert chip.read_json("values", "undo")["changes"][0]["after"]["value"] == 45.2


def test_a_value_far_from_the_one_in_use_is_set_after_a_question_on_a_terminal(
    chip: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_t1(chip, "45.2(8)")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: "y")
    told = chip.does("values", "set", "a", "0", "t1=4.52", "--reason", "by hand")
    assert "is far from 45.2(8)" in told
    assert "(confirmed: t1 = 4.52" in told


def test_a_value_is_trusted_until_a_time_and_the_trust_is_undone(chip: InProcess) -> None:
    set_t1(chip, "45.2(8)")
    told = chip.does("values", "trust", "a", "0", "t1", "--until", "8h", "--reason", "checked by hand")
    assert "0: t1 trusted until " in told
    assert told.endswith("event 2 of chip a, trusted by admin: checked by hand\n")
    value = chip.read_json("metrics", "a")["qubits"]["0"]["t1"]
    assert (value["trust"], value["marks"]) == ("trusted", ["trusted-by-user"])
    assert value["reasons"][0].startswith("admin trusts it until ")
    listed = chip.does("metrics", "a", "--marked", "trusted-by-user", "--long")
    assert "checked by hand" in listed
    assert chip.read_json("values", "log", "a")[0]["parameters"] == ["t1"]
    assert "t1 not trusted by a user" in chip.does("values", "undo")
    assert "marks" not in chip.read_json("metrics", "a")["qubits"]["0"]["t1"]
    refused = chip.run_refused("values", "trust", "a", "0", "t2_echo", "--until", "8h", "--reason", "x")
    assert "t2_echo of 0 has no value in use to trust" in refused
    refused = chip.run_refused("values", "trust", "a", "0", "t1", "--until", "2020-01-01", "--reason", "x")
    assert "has passed: name a later time" in refused


def test_a_change_of_fitness_is_told_and_an_undo_is_previewed(chip: InProcess) -> None:
    set_t1(chip, "45.2(8)")
    with open_qdash() as lab:
        lab.repositories.of(QubitCalibrationRepository).update_status(
            "default", "a", "0", TargetStatus.CALIBRATED
        )
    chip.does("chip", "specification", "a", "--minimum", "t1=30us")
    change = ("values", "set", "a", "0", "t1=20(1)us", "--reason", "by hand", "--yes")
    assert "0 is unfit: T1 is beyond the minimum of 30 µs\n" in chip.does(*change)
    told = chip.does("values", "undo", "--dry-run")
    assert told.endswith("0 is fit again\nnothing was changed: `qdash values undo 2` makes these changes\n")
    assert len(chip.read_json("values", "log", "a")) == 2
    undone = chip.read_json("values", "undo", "--dry-run")
    assert (undone["undoes"], undone["fitness"]) == (2, {"0": {"before": "unfit", "after": "fit"}})
    assert "0 is fit again\n" in chip.does("values", "undo")


def test_a_changed_setting_is_recorded_shown_and_undone(chip: InProcess) -> None:
    chip.does("values", "set", "a", "0", "average_readout_fidelity=0.99", "--reason", "by hand", "--yes")
    change = ("--before", "1.2", "--after", "1.3", "--reason", "update")
    told = chip.does("values", "setting", "a", "chip", "firmware", *change)
    assert "0: firmware of whole chip changed from 1.2 to 1.3 at " in told
    assert "event 2 of chip a, reconfigured by admin: update" in told
    value = chip.read_json("metrics", "a")["qubits"]["0"]["average_readout_fidelity"]
    assert (value["trust"], value["marks"]) == ("doubtful", ["setting-changed"])
    assert "firmware" in chip.does("values", "log", "a", "--limit", "1")
    assert "is no longer recorded" in chip.does("values", "undo")
    refused = chip.run_refused("values", "setting", "a", "mux:7", "pump", "--before", "1", "--after", "2")
    assert "chip a has no multiplexer 7" in refused


def test_a_result_is_rejected_accepted_and_used_by_the_beginning_of_its_id(chip: InProcess) -> None:
    first, second = str(set_t1(chip, "45")["task_id"]), str(set_t1(chip, "46")["task_id"])
    rejected = chip.read_json("values", "reject", second[:13], "--reason", "a slip")
    assert rejected["event"]["changes"][0]["after"]["value"] == 45
    chip.does("values", "accept", second)
    assert "later value stays" not in chip.does("values", "use", first)
    with open_qdash() as qdash:
        target = qdash.repositories.of(QubitCalibrationRepository).require("default", "a", "0")
    assert target.data["t1"].value == 45


def test_a_reversion_lists_what_changes_and_what_stays(chip: InProcess) -> None:
    set_t1(chip, "45")
    with open_qdash() as qdash:
        moment = qdash.get(VALUES).show_event(qdash.access("admin"), 1).head.created_at.isoformat()
    set_t1(chip, "46")
    set_t1(chip, "47", "1")
    told = chip.does("values", "revert", "a", "--to", moment, "--dry-run")
    assert "1 value kept that did not exist at that time: t1 of 1" in told
    reverted = chip.read_json("values", "revert", "a", "--to", moment)
    assert [(one["target"], one["after"]["value"]) for one in reverted["changes"]] == [("0", 45)]
    assert "nothing changes" in chip.does("values", "revert", "a", "--to", moment)


def test_bad_input_is_refused_in_one_line(chip: InProcess, subtests: pytest.Subtests) -> None:
    for words, message in [
        (("set", "a", "0", "t1=45"), "a reason is needed: --reason TEXT"),
        (("set", "a", "0", "t=45", "--reason", "x"), "a qubit has no parameter 't'"),
        (
            ("set", "a", "0", "t11=45", "--reason", "x"),
            "a qubit has no parameter 't11'; did you mean 't1'?\n",
        ),
        (("set", "a", "0", "t1=fast", "--reason", "x"), "is not a value"),
        (("set", "a", "99", "t1=4", "--reason", "x"), "no qubit 99"),
        (("set", "b", "0", "t1=4", "--reason", "x"), "no chip 'b'"),
        (("undo", "7"), "no value event 7"),
        (("undo",), "no change of values by hand left"),
        (("revert", "a", "--to", "soon"), "not a point in time"),
        (("undo", "9" * 21), "EVENT: it has to be less than"),
        (("show", "0"), "EVENT: it has to be greater than"),
        (("revert", "a", "--to", "1h", "--metrics", ","), "--metrics"),
        (("log", "a", "--metric", "t11"), "there is no parameter 't11'; did you mean 't1'?"),
        (("log", "a", "--qids", "0-1-2"), ""),
    ]:
        with subtests.test(str(words)):
            told = chip.run_refused("values", *words)
            assert message in told
            assert chip.read_json("values", "log", "a") == []


def test_a_reversion_of_an_unknown_parameter_is_refused(chip: InProcess) -> None:
    chip.does("values", "set", "a", "0", "t1=45", "--reason", "by hand")
    chip.does("release", "create", "a", "--name", "friday")
    for command in (
        ("values", "revert", "a", "--to", "release:friday"),
        ("release", "revert", "a", "friday"),
    ):
        told = chip.run_refused(*command, "--metrics", "t1,t11")
        assert "there is no parameter 't11'; did you mean 't1'?" in told
        assert "nothing changes" in chip.does(*command, "--metrics", "t1,t2_echo")


@pytest.mark.parametrize("error", ["1e-320", "1e100"])
def test_any_error_can_be_shown(chip: InProcess, error: str) -> None:
    shown = error.replace("-", "\N{MINUS SIGN}").replace("e1", "e+1")
    assert f"45 ± {shown} µs" in chip.does("values", "set", "a", "0", f"t1=45±{error}", "--reason", "x")
    assert f"± {shown} µs" in chip.does("values", "history", "a", "0", "t1")
