"""Quantities: one unit and one convention for each parameter, whatever task or plugin declares it."""

from __future__ import annotations

import re
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.values import units
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.units import check_units
from qdash_core import InputParameter, OutputParameter, Parameter, TaskOutput, hookimpl, load_plugins

from ...access import ADMIN
from ..bench import CHIP, LINE, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask
    from qdash_core.hooks.manager import Registry

    from ..conftest import MakeBench


def make_in(name: str, parameter: str, unit: str, given: Parameter, **declared: Any) -> type[BaseTask]:
    """Return a task that declares a parameter in a unit and delivers an estimate."""
    outputs = MappingProxyType({parameter: OutputParameter(unit=unit, **declared)})
    return make_task(
        name, {}, output_parameters=outputs, analyse=lambda _task, _measured: TaskOutput({parameter: given})
    )


def make_reader(unit: str, seen: list[Parameter], name: str = "t1") -> type[BaseTask]:
    """Return a task that reads a parameter in a unit."""

    def measure(task: Any, _backend: Any) -> None:
        seen.append(task.context.inputs[name])

    return make_task(
        "Read", {"glow": Parameter(1.0)}, needs={name: InputParameter(unit=unit)}, measure=measure
    )


MEASURE = make_task()
"""Declares T1 in µs."""


@pytest.mark.parametrize(
    ("name", "unit", "declared", "given", "stored"),
    [
        ("t1", "us", "ms", Parameter(0.0452, 0.0008, "ms"), Parameter(45.2, 0.8, "us")),
        ("t1", "us", "ms", Parameter(0.0452, 0.0008), Parameter(45.2, 0.8, "us")),
        ("t1", "us", "us", Parameter(45200.0, 800.0, "ns"), Parameter(45.2, 0.8, "us")),
        ("qubit_frequency", "GHz", "MHz", Parameter(8418.5, 0.5, "MHz"), Parameter(8.4185, 0.0005, "GHz")),
        ("share", "", "%", Parameter(98.5, 0.3, "%"), Parameter(0.985, 0.003, "")),
        ("share", "%", "", Parameter(0.985, 0.003), Parameter(98.5, 0.3, "%")),
        ("share", "", "a.u.", Parameter(0.5, None, "1"), Parameter(0.5, None, "")),
        ("rate", "rad/us", "rad/s", Parameter(3e6, 1e3, "rad/s"), Parameter(3.0, 0.001, "rad/us")),
    ],
)
def test_an_output_is_recorded_in_the_unit_of_its_quantity(
    make_bench: MakeBench, name: str, unit: str, declared: str, given: Parameter, stored: Parameter
) -> None:
    first = make_in("First", name, unit, Parameter(1.0, None, unit))
    bench = make_bench(first, make_in("Other", name, declared, given))
    result = bench.run("Other")
    (known,) = result.output_parameters.values()
    assert (known.value, known.error, known.unit) == (stored.value, stored.error, stored.unit)
    (shown,) = bench.qdash.get(METRICS).values(ADMIN, CHIP).qubits["0"].values()
    assert (shown.parameter.value, shown.parameter.unit) == (stored.value, stored.unit)
    (table,) = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "csv").files.values()
    assert f"qubit,0,{name},{stored.value}" in table.decode()


def test_limits_are_checked_in_the_unit_that_declares_them(make_bench: MakeBench) -> None:
    bench = make_bench(MEASURE, make_in("Other", "t1", "ms", Parameter(0.3, None, "ms"), maximum=0.2))
    result = bench.run("Other")
    assert (result.verdict, result.reasons) == (
        "rejected",
        ["t1 = 0.3\N{NO-BREAK SPACE}ms is above its maximum of 0.2\N{NO-BREAK SPACE}ms"],
    )


def test_a_number_is_judged_and_read_as_a_percentage_where_tasks_declare_one(make_bench: MakeBench) -> None:
    seen: list[Parameter] = []
    number = make_in("First", "share", "", Parameter(0.97))
    percentage = make_in("Other", "share", "%", Parameter(98.5, None, "%"), minimum=90.0, maximum=100.0)
    bench = make_bench(number, percentage, make_reader("%", seen, "share"))
    assert bench.run("Other").verdict == "accepted"
    bench.run("Read")
    assert seen == [Parameter(98.5, None, "%")]


@pytest.mark.every_store
def test_a_task_reads_a_value_in_its_own_unit_and_the_backend_in_that_of_the_quantity(
    make_bench: MakeBench,
) -> None:
    seen: list[Parameter] = []
    backend = make_backend()
    bench = make_bench(MEASURE, make_reader("ms", seen), backends=[backend])
    bench.run()
    result = bench.run("Read")
    assert seen == [Parameter(0.01, 0.0005, "ms")]
    recorded = result.input_parameters["t1"]
    assert (recorded.value, recorded.error, recorded.unit) == (10.0, 0.5, "us")
    assert backend.applied[-1] == {"0": {"t1": Parameter(10.0, 0.5, "us")}}
    assert bench.qdash.get(METRICS).list_marks(ADMIN, CHIP) == {}
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(0.03, unit="ms")}, reason="by hand")
    (mark,) = bench.qdash.get(METRICS).list_marks(ADMIN, CHIP)["0"]["glow"]
    assert mark.reason == "T1 has moved by 40.0 times its usual scatter since"


@pytest.mark.parametrize(
    ("name", "unit", "given"),
    [("t1", "us", Parameter(0.0452, 0.0008, "ms")), ("share", "%", Parameter(0.985, 0.003))],
)
def test_a_figure_shows_the_unit_of_its_task(
    make_bench: MakeBench, name: str, unit: str, given: Parameter
) -> None:
    drawn: list[Parameter] = []

    def figure(_cls: Any, _raw: Any, output: TaskOutput) -> Any:
        drawn.extend(output.parameters.values())
        return {"data": [], "layout": {}}

    first = make_in("First", name, unit, Parameter(1.0))
    other = type("Other", (make_in("Other", name, given.unit, given),), {"figure": classmethod(figure)})
    bench = make_bench(first, other)
    bench.qdash.get(RESULTS).figure(ADMIN, bench.run("Other").task_id)
    assert drawn == [given]


def load(*plugins: Sequence[type[BaseTask]]) -> Registry:
    """Return a registry of plugins `first`, `second`, each with these tasks."""

    def make_plugin(tasks: Sequence[type[BaseTask]]) -> object:
        class Plugin:
            @hookimpl
            def qdash_tasks(self) -> list[type[BaseTask]]:
                return list(tasks)

        return Plugin()

    extra = dict(zip(("first", "second"), map(make_plugin, plugins), strict=False))
    registry = load_plugins(extra=extra, installed_too=False)
    registry.tasks()
    return registry


ONE = Parameter(1.0)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            [MEASURE],
            [make_in("Mine", "t1", "MHz", ONE)],
            "t1 is declared in MHz by Mine of .*'second'.*, and in µs by Measure of .*'first'",
        ),
        (
            [make_in("Theirs", "span", "us", ONE)],
            [make_in("Mine", "span", "", ONE)],
            "span is declared in no unit by Mine",
        ),
        (
            [make_in("Theirs", "splitting", "MHz", ONE)],
            [make_in("Mine", "splitting", "rad/us", ONE)],
            "splitting is declared in rad/us by Mine .*, and in MHz by Theirs",
        ),
        ([MEASURE], [make_reader("GHz", [])], "t1 is declared in GHz by Read"),
        ([], [make_in("Mine", "readout_length", "GHz", ONE)], "and in ns by the design of QDash"),
        (
            [make_in("Theirs", "shift", "MHz", ONE, convention="2 chi")],
            [make_in("Mine", "shift", "kHz", ONE, convention="chi")],
            "shift is declared as chi by Mine .*, and as 2 chi by Theirs",
        ),
        (
            [MEASURE],
            [
                make_task(
                    "Mine",
                    {"splitting": ONE},
                    output_parameters={"splitting": OutputParameter(unit="MHz")},
                    needs={"given": InputParameter(unit="us", source="splitting")},
                )
            ],
            "splitting is declared in µs by Mine .*, and in MHz by Mine",
        ),
    ],
)
def test_a_plugin_that_contradicts_a_declaration_is_set_aside(
    first: list[type[BaseTask]], second: list[type[BaseTask]], said: str
) -> None:
    registry = load(first, second)
    states = {plugin.name: plugin for plugin in registry.plugins}
    assert (states["first"].status, states["second"].status) == ("ok", "failed")
    assert states["second"].error is not None
    assert re.search(said, states["second"].error)
    assert {name for _, name in registry.tasks()} == {task.name for task in first}


def test_declarations_that_agree_are_one_quantity() -> None:
    registry = load(
        [make_in("Theirs", "shift", "MHz", ONE, convention="2 chi")],
        [make_in("Mine", "shift", "kHz", ONE, minimum=-5000.0, maximum=5000.0), make_reader("", [])],
    )
    assert all(plugin.status == "ok" for plugin in registry.plugins)
    shift = registry.quantities()["shift"]
    assert (shift.unit, shift.minimum, shift.maximum, shift.convention) == ("MHz", -5.0, 5.0, "2 chi")


@pytest.mark.every_store
def test_stored_values_in_another_unit_are_found_and_converted_as_one_event(make_bench: MakeBench) -> None:
    old = make_bench(
        make_in("Old", "t1", "ms", Parameter(0.0452, 0.0008, "ms")), make_in("Odd", "glow", "V", ONE)
    )
    for qid in ("0", "1"):
        old.run("Old", qid)
    old.run("Odd")
    bench = old.reinstall(MEASURE, make_in("New", "glow", "A", ONE))
    values = bench.qdash.get(VALUES)
    found = check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=None)
    assert found.status == "warning"
    assert found.detail == (
        "2 values (t1 of 0 of chip chip in ms, t1 of 1 of chip chip in ms) in another unit than tasks declare; "
        "1 value (glow of 0 of chip chip in V, not A) impossible by the declarations of tasks"
    )
    assert found.advice is not None
    assert found.advice.startswith("run qdash values convert chip; measure them again, correct them")

    preview = values.convert(ADMIN, CHIP, dry_run=True)
    assert (len(preview.values), preview.event, bench.get_value()) == (2, None, 0.0452)
    converted = values.convert(ADMIN, CHIP, reason="the old plugin", key="one")
    known = bench.get_qubit().data["t1"]
    assert (known.value, known.error, known.unit) == (45.2, 0.8, "us")
    assert [(one.qid, one.name) for one in converted.kept] == [("0", "glow")]
    assert converted.event is not None
    assert (converted.event.head.kind, converted.event.head.reason) == ("converted", "the old plugin")
    repeated = values.convert(ADMIN, CHIP, reason="the old plugin", key="one")
    assert (repeated.event, repeated.values) == (converted.event, converted.values)
    assert values.convert(ADMIN, CHIP, key="two").event is None
    left = check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=None)
    assert (
        left.detail == "1 value (glow of 0 of chip chip in V, not A) impossible by the declarations of tasks"
    )

    values.undo(ADMIN)
    assert values.convert(ADMIN, CHIP, key="two").event is None
    restored = bench.get_qubit().data["t1"]
    assert (restored.value, restored.unit) == (0.0452, "ms")


def test_a_stored_number_becomes_a_percentage_when_a_plugin_declares_one(make_bench: MakeBench) -> None:
    old = make_bench(make_in("Old", "share", "", Parameter(0.985)))
    old.run("Old")
    bench = old.reinstall(make_in("New", "share", "%", Parameter(97.0, None, "%"), jump=0.1))
    found = check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=None)
    assert found.detail == "1 value (share of 0 of chip chip in no unit) in another unit than tasks declare"
    (planned,) = bench.qdash.get(VALUES).convert(ADMIN, CHIP, dry_run=True).values
    assert planned.after is not None
    assert (planned.after.value, planned.after.unit) == (98.5, "%")
    assert bench.run("New").reasons == []


def test_an_unconverted_value_is_read_in_the_unit_of_the_task(make_bench: MakeBench) -> None:
    old = make_bench(make_in("Old", "t1", "ms", Parameter(0.0452, 0.0008, "ms")))
    old.run("Old")
    seen: list[Parameter] = []
    bench = old.reinstall(MEASURE, make_reader("us", seen))
    bench.run("Read")
    assert seen == [Parameter(45.2, 0.8, "us")]


def test_a_value_of_another_dimension_is_not_read(make_bench: MakeBench) -> None:
    old = make_bench(make_in("Old", "glow", "V", Parameter(3.0, None, "V")))
    old.run("Old")
    needs = {"glow": InputParameter(unit="A")}
    bench = old.reinstall(make_task("Read", needs=needs))
    assert "reads glow of 0 in A, but its value is in V" in bench.run("Read").message


def test_a_value_keeps_its_unit_after_its_plugin_has_gone(make_bench: MakeBench) -> None:
    old = make_bench(MEASURE, make_in("Glow", "glow", "mV", Parameter(3.0, None, "mV")))
    old.run("Glow")
    bench = old.reinstall(MEASURE)
    assert bench.get_qubit().data["glow"].unit == "mV"
    assert check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=None).status == "ok"


def test_stored_values_outside_of_their_limits_are_found(make_bench: MakeBench) -> None:
    old = make_bench(make_in("Old", "share", "", Parameter(98.5)))
    old.run("Old")
    bench = old.reinstall(make_in("New", "share", "", ONE, minimum=0.0, maximum=1.0))
    found = check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=None)
    assert (found.status, found.detail) == (
        "warning",
        "1 value (share of 0 of chip chip: 98.5) impossible by the declarations of tasks",
    )


def test_a_check_of_units_that_ran_out_of_time_says_so(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_bench(make_in("Old", "share", "", Parameter(98.5)))
    old.run("Old")
    old.qdash.get(CHIPS).create(ADMIN, "other", LINE, backend="bench")
    bench = old.reinstall(make_in("New", "share", "", ONE, minimum=0.0, maximum=1.0))
    times = iter((0.0, 2.0))
    monkeypatch.setattr(units, "time", SimpleNamespace(monotonic=lambda: next(times)))
    found = check_units(bench.qdash.store, bench.qdash.registry.quantities(), within_s=1.0)
    assert found.status == "warning"
    assert found.detail.endswith("; 1 of 2 chips checked, --deep checks all")
