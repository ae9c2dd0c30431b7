"""Line wrapping: lines break at spaces, and a value keeps its unit."""

from __future__ import annotations

import pytest

from qdash_cli.rendering.wrapping import replace_control_characters, wrap_lines

SAID = (
    "qubit 4: t2_echo 77(4) us, qubit_frequency 4.67123(5) GHz, average_gate_fidelity 0.999793(7), "
    "control_amplitude 0.0782 a.u., zx_rotation_rate 3.4 MHz/a.u.; see `qdash executions show 20261121-116`: "
    "couplings 116-117, 4-16, 68 % in 3 min 12 s"
)
KEPT = (
    "77(4) us",
    "4.67123(5) GHz",
    "0.999793(7)",
    "0.0782 a.u.",
    "3.4 MHz/a.u.",
    "20261121-116",
    "116-117",
    "4-16",
    "68 %",
    "12 s",
)


@pytest.mark.parametrize("width", [*range(20, 121, 7), 60, 80, 120])
def test_no_number_name_or_value_with_its_unit_is_broken_at_any_width(width: int) -> None:
    lines = wrap_lines(SAID, width).split("\n")
    assert all(len(line) <= width or " " not in line.strip() for line in lines)
    for part in (*KEPT, *(["`qdash executions show 20261121-116`"] if width >= 40 else [])):
        assert any(part in line for line in lines), part
    assert " ".join(line.strip() for line in lines) == SAID


def test_what_nothing_limits_or_what_fits_stays_as_it_is() -> None:
    assert wrap_lines(SAID, None) == SAID
    assert wrap_lines("  on  3 targets", 40) == "  on  3 targets"


def test_every_line_is_folded_alone_and_goes_on_below_its_begin() -> None:
    assert wrap_lines("first\n  the second is longer", 14) == "first\n  the second\n    is longer"


def test_text_commands_no_terminal_and_turns_no_line() -> None:
    assert replace_control_characters("a\x1b[1m\u202eb\u2066\n\tשלום") == "a\ufffd[1m\ufffdb\ufffd\n\tשלום"
