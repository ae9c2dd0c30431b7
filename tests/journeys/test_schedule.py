"""`qdash schedule`: groups of couplings and qubits, their lower bounds, and chips with wiring."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import Prepared


@pytest.fixture(scope="module")
def lattice(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A command line whose chip `lattice` has 64 unmeasured qubits. Read-only."""
    folder = tmp_path_factory.mktemp("lattice")
    qdash = CommandLine(prepared, folder, folder / "home")
    qdash.does("chip", "create", "lattice", "--topology", "square-lattice-mux-64")
    return qdash


def make_wiring(modules: int) -> dict[str, Any]:
    """Return the wiring of 16 multiplexers, with control lines from a number of modules."""
    return {
        "group": [
            {
                "mux": mux,
                "ctrl": [f"U{mux % modules}B-{4 * (mux // modules) + port}" for port in range(4)],
                "read_out": f"S{mux}A-1",
                "read_in": f"S{mux}A-0",
                "pump": None,
            }
            for mux in range(16)
        ]
    }


def test_couplings_are_put_in_as_few_groups_as_there_can_be(lattice: CommandLine) -> None:
    made = lattice.read_json("schedule", "lattice", "--kind", "coupling", "--max-parallel", "10")
    assert (len(made["groups"]), made["lower_bound"], made["proved_optimal"]) == (12, 12, True)
    assert sum(map(len, made["groups"])) == len(made["directions"]) == 112
    assert max(map(len, made["groups"])) <= 10
    assert made["makespan_s"] >= made["makespan_lower_bound_s"] > 0
    assert {"seconds", "strategy", "makespan_by_groups_s", "limited_by"} <= made.keys()


def test_people_read_the_groups_the_bound_and_the_directions(lattice: CommandLine) -> None:
    text = lattice.does("schedule", "lattice", "--kind", "coupling", "--couplings", "0-1,2-3,4-5")
    assert "0>1, 4>5" in text
    assert "2 groups, the minimum: mux 0 is needed by 2 targets" in text
    assert "of laboratory time, at least" in text


def test_qubits_are_put_in_groups_of_uncoupled_ones(lattice: CommandLine) -> None:
    made = lattice.read_json("schedule", "lattice", "--kind", "qubit", "--exclude", "Q00")
    assert (len(made["groups"]), made["lower_bound"]) == (2, 2)
    assert sum(map(len, made["groups"])) == 63
    assert "directions" not in made


def test_qubits_that_a_flow_wants_together_are_one_group(lattice: CommandLine) -> None:
    flow = ("--flow", "SimultaneousRandomizedBenchmarking")
    made = lattice.read_json("schedule", "lattice", "--kind", "qubit", *flow)
    assert [len(group) for group in made["groups"]] == [64]
    some = lattice.read_json("schedule", "lattice", "--kind", "qubit", "--qids", "0,1", "--flow", "check")
    assert some["groups"] == [["0"], ["1"]]


def test_a_command_chooses_strategy_rules_and_directions(lattice: CommandLine) -> None:
    plain = ("schedule", "lattice", "--kind", "coupling")
    quick = lattice.read_json(*plain, "--strategy", "largest-first", "--direction", "checkerboard")
    assert quick["strategy"] == "largest-first"
    assert quick["directions"]["0-1"] | {"reason": ""} == {"control": "0", "target": "1", "reason": ""}
    apart = lattice.read_json(*plain, "--spectators", "--collisions", "--direction", "1-0")
    couplings = set(apart["directions"])
    for group in apart["groups"]:
        for one, other in combinations([coupling.split("-") for coupling in group], 2):
            assert not couplings & {f"{a}-{b}" for a in one for b in other}
            assert not couplings & {f"{b}-{a}" for a in one for b in other}
    assert apart["directions"]["0-1"]["control"] == "1"
    shown = lattice.read_json("chip", "show", "lattice")["couplings"]
    assert {coupling["control"] for coupling in shown.values()} == {None}, "a schedule changes nothing"
    assert "  couplings pending: 112" in lattice.does("chip", "show", "lattice")


def test_shared_modules_of_a_wiring_keep_couplings_apart(qdash: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "wiring.yaml"
    path.write_text(yaml.safe_dump(make_wiring(modules=4)), "utf-8")
    made = qdash.read_json("chip", "create", "wired", "--topology", "square-lattice-mux-64", "--wiring", path)
    assert made["wiring"]["lines"][5]["ctrl"] == ["U1B-4", "U1B-5", "U1B-6", "U1B-7"]
    assert qdash.read_json("chip", "show", "wired")["wiring"] == made["wiring"]
    assert qdash.read_json("export", "wired", "--format", "json")["wiring"] == made["wiring"]
    assert "wiring" not in qdash.read_json("chip", "list")[0]
    planned = qdash.read_json("schedule", "wired", "--kind", "coupling")
    assert len(planned["groups"]) <= 1.05 * planned["lower_bound"]
    assert planned["lower_bound"] > 12
    free = qdash.read_json("schedule", "wired", "--kind", "coupling", "--no-wiring")
    assert len(free["groups"]) < planned["lower_bound"]
    assert (
        qdash.read_json("schedule", "wired", "--kind", "coupling", "--wiring")["groups"] == planned["groups"]
    )


def test_qubits_on_one_module_are_kept_apart_where_that_is_asked_for(
    qdash: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "wiring.yaml"
    path.write_text(yaml.safe_dump(make_wiring(modules=4)), "utf-8")
    qdash.does("chip", "create", "wired", "--topology", "square-lattice-mux-64", "--wiring", path)
    plain = qdash.read_json("schedule", "wired", "--kind", "qubit")
    assert plain["groups"] == qdash.read_json("schedule", "wired", "--kind", "qubit", "--no-wiring")["groups"]
    (modules,) = {
        len(group) for group in qdash.read_json("schedule", "wired", "--kind", "qubit", "--wiring")["groups"]
    }
    assert modules == 4 < max(len(group) for group in plain["groups"])


def test_wiring_that_does_not_fit_makes_no_chip(qdash: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "wiring.yaml"
    path.write_text(yaml.safe_dump(make_wiring(modules=4)), "utf-8")
    create = ("chip", "create", "wired", "--topology", "square-lattice-mux-16", "--wiring")
    assert f"wiring file {path}: mux 4: the chip has no such multiplexer" in qdash.run_refused(*create, path)
    assert "there is no wiring file" in qdash.run_refused(*create, tmp_path / "none.yaml")
    assert qdash.read_json("chip", "list") == []


def test_what_cannot_be_scheduled_is_refused_in_one_line(
    lattice: CommandLine, subtests: pytest.Subtests
) -> None:
    for arguments, message in [
        (("other", "--kind", "coupling"), "no chip 'other'"),
        (("lattice",), "Missing option '--kind'"),
        (("lattice", "--kind", "mux"), "'mux' is not one of"),
        (
            ("lattice", "--kind", "coupling", "--strategy", "luck"),
            "no coupling scheduler 'luck'; known are best",
        ),
        (("lattice", "--kind", "coupling", "--max-parallel", "0"), "0 is not in the range x>=1"),
        (("lattice", "--kind", "coupling", "--couplings", "0-9"), "no coupling 0-9"),
        (("lattice", "--kind", "coupling", "--qids", "0"), "--qids does not apply to --kind coupling"),
        (("lattice", "--kind", "qubit", "--couplings", "0-1"), "--couplings does not apply to --kind qubit"),
        (("lattice", "--kind", "qubit", "--spectators"), "rules about couplings"),
        (("lattice", "--kind", "qubit", "--exclude", "64"), "no qubit '64'"),
        (("lattice", "--kind", "coupling", "--flow", "check"), "flow 'check' has no task on a coupling"),
        (("lattice", "--kind", "coupling", "--flow", "luck"), "no flow or task 'luck'"),
        (("lattice", "--kind", "qubit", "--direction", "higher"), "rules about couplings"),
        (("lattice", "--kind", "coupling", "--direction", "sideways"), "neither a rule of directions"),
        (("lattice", "--kind", "coupling", "--direction", "0-9"), "no such coupling"),
        (("lattice", "--kind", "coupling", "--wiring"), "--wiring: that of chip lattice is not known"),
    ]:
        with subtests.test(str(arguments)):
            assert message in lattice.run_refused("schedule", *arguments)
