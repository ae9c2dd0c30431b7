"""Causes and evidence, in files of a package beside its tasks."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.explanations.causes import Cause, read_causes
from qdash_builtin.task_pages.page import get_page
from qdash_core import PluginError
from qdash_testing.task_declarations import TaskDeclarations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask

MODULE = """
from qdash_core import BaseTask, FeatureDeclaration, InputParameter, OutputParameter, RunParameter
class CheckGate(BaseTask):
    name = "CheckGate"
    input_parameters = {"t1": InputParameter("us")}
    output_parameters = {"angle": OutputParameter("rad")}
    run_parameters = {"shots": RunParameter(1024, "int")}
    feature_parameters = {"contrast": FeatureDeclaration("", "contrast of the trace")}
"""
CAUSES = """
causes:
  - {id: gate-off, title: The gate is off, do: Switch it on.}
  - id: gate-slow
    title: The gate is slow
    do: Wait.
    command: "qdash task run {task} --chip {chip} --qid {qid}"
    prior: 0.5
    indistinguishable_from: [gate-off]
    words: [Slow]
"""
RULE = "measures: A pulse.\nevidence: [{{cause: {cause}, when: {when}, weight: {weight}, text: '{text}'}}]\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the module path with a package `gate_lab.gates`, whose modules are unloaded afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "gate_lab" / "gates"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").touch()
    (folder / "check.py").write_text(MODULE)
    yield tmp_path / "gate_lab"
    for name in [one for one in sys.modules if one.startswith("gate_lab")]:
        del sys.modules[name]


def get_task() -> type[BaseTask]:
    found: type[BaseTask] = importlib.import_module("gate_lab.gates.check").CheckGate
    return found


def write_rule(
    site: Path,
    cause: str = "gate-off",
    when: str = "contrast < 1",
    weight: object = 2,
    text: str = "It is {contrast:.1f}.",
) -> None:
    rule = RULE.format(cause=cause, when=when, weight=weight, text=text)
    (site / "gates" / "CheckGate.yaml").write_text(rule)


def test_causes_are_of_the_package_and_of_those_around_it_the_nearest_first(site: Path) -> None:
    assert read_causes(get_task()) == {}
    (site / "causes.yaml").write_text(CAUSES)
    (site / "gates" / "causes.yaml").write_text(
        "causes: [{id: gate-off, title: The near one, do: Switch it on.}]"
    )
    command = "qdash task run {task} --chip {chip} --qid {qid}"
    assert read_causes(get_task()) == {
        "gate-off": Cause(id="gate-off", title="The near one", do="Switch it on."),
        "gate-slow": Cause(
            id="gate-slow",
            title="The gate is slow",
            do="Wait.",
            command=command,
            prior=0.5,
            indistinguishable_from=("gate-off",),
            words=("slow",),
        ),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("causes: {}", "causes: it has to be a list"),
        ("causes: [{id: a, title: T}]", "causes.0.do: it is missing"),
        ("causes: [{id: A b, title: T, do: D}]", "causes.0.id: 'A b' is not the id of a cause"),
        ("causes: [{id: a, title: T, do: D}, {id: a, title: T, do: D}]", "causes: 2 causes have the id 'a'"),
        (
            "causes: [{id: a, title: T, do: D, command: rm x}]",
            "causes.0.command: 'rm x' does not begin with qdash",
        ),
        ("causes: [{id: a, title: T, do: D, command: 'qdash {x}'}]", r"\{x\} is not one of chip, target"),
        ("causes: [{id: a, title: T, do: D, prior: 0}]", "causes.0.prior: it has to be greater"),
        ("causes: [{id: a, title: T, do: D, words: x}]", "causes.0.words: it has to be a list"),
    ],
)
def test_a_broken_file_is_reported_with_its_place(site: Path, text: str, message: str) -> None:
    (site / "causes.yaml").write_text(text)
    with pytest.raises(PluginError, match=f"^causes.yaml of gate_lab: .*{message}"):
        read_causes(get_task())


@pytest.mark.parametrize(
    "when",
    [
        "failed and r2 < 0.5 and share_failed.mux > 0.5 and n_failed.line > 1",
        "input.t1 > 1 and input_age_h.t1 > 24 and oldest_input_h > 1",
        "change.angle > 2 or abs(change_sigma.angle) > 5 or offset.angle > 0 or chip_ratio.angle < 1",
        "parameter.shots < 10 and parameter_ratio.shots < 0.1 and quality.anything > 1 and reason.timeout == 1",
        "failed.CheckRabi == 1 and CheckRabi.contrast < 1 and neighbour_gap.qubit_frequency < 0.01",
    ],
)
def test_evidence_is_on_declared_features_and_on_those_of_every_result(site: Path, when: str) -> None:
    write_rule(site, when=when)
    page = get_page(get_task())
    assert page is not None
    (rule,) = page.evidence
    assert (rule.causes, rule.weight, rule.when.text) == (("gate-off",), 2.0, when)
    assert rule.write({"contrast": 0.25}, {}) == "It is 0.2."
    assert rule.write({}, {}) == "It is unknown."


def test_a_text_may_convert_the_unit_of_a_feature(site: Path) -> None:
    write_rule(site, text="It moved by {1000 * offset.angle:.1f} mrad, with {contrast:.0%}.")
    page = get_page(get_task())
    assert page is not None
    (rule,) = page.evidence
    assert (
        rule.write({"offset.angle": -0.0123, "contrast": 0.25}, {})
        == "It moved by \N{MINUS SIGN}12.3 mrad, with 25 %."
    )
    assert rule.write({}, {}) == "It moved by unknown mrad, with unknown."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"when": "1 > 0"}, "'1 > 0' reads no feature"),
        ({"when": "contrast < 1 or 2 > abs(1)"}, "'2 > abs\\(1\\)' reads no feature"),
        ({"when": "contras < 1"}, "contras is neither in feature_parameters.*did you mean 'contrast'"),
        ({"when": "output.angel > 1"}, "CheckGate has no output 'angel'; did you mean 'angle'"),
        ({"when": "parameter.shot > 1"}, "has no parameter 'shot'"),
        ({"when": "share_failed.box > 1"}, "has no share_failed 'box'"),
        ({"when": "reasons.timeout > 1"}, "begins with reasons, which is unknown; did you mean 'reason'"),
        ({"text": "It is {contras}."}, "contras is neither"),
        ({"text": "It is {2 * contras}."}, "contras is neither"),
        ({"text": "It is {contrast.__class__[0]}."}, "neither a number, a feature"),
        ({"text": "It is {contrast!r}."}, "a conversion, which is not accepted"),
        ({"text": "It is {contrast:1000000f}."}, "no format of a number"),
        ({"text": "It is {."}, "text: expected"),
        ({"cause": "Gate"}, "cause.0: 'Gate' is not the id of a cause"),
        ({"weight": 0}, "weight: it must not be 0"),
        ({"weight": 11}, "weight: it has to be less"),
        ({"weight": "true"}, "weight: it has to be a valid number"),
    ],
)
def test_a_broken_rule_is_reported_with_its_place(
    site: Path, changes: dict[str, object], message: str
) -> None:
    write_rule(site, **changes)  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=rf"CheckGate.yaml.*evidence\.0.*{message}"):
        get_page(get_task())


def test_a_task_has_at_most_500_rules(site: Path) -> None:
    write_rule(site)
    page = site / "gates" / "CheckGate.yaml"
    first = page.read_text().partition("[")[2].rpartition("]")[0]
    page.write_text(f"measures: A pulse.\nevidence: [{', '.join([first] * 501)}]\n")
    with pytest.raises(PluginError, match=r"CheckGate.yaml.*: evidence: .* at most 500"):
        get_page(get_task())


def test_the_conformance_kit_looks_for_the_causes_of_evidence(site: Path) -> None:
    class Kit(TaskDeclarations):
        task = get_task()

    write_rule(site, cause="gate-of")
    with pytest.raises(AssertionError, match=r"no causes.yaml declares gate-of"):
        Kit().test_installed_features_find_no_fault()
    write_rule(site, cause="[gate-off, backend-error]")
    (site / "causes.yaml").write_text(CAUSES)
    Kit().test_installed_features_find_no_fault()


def test_the_conformance_kit_looks_for_the_features_of_other_tasks(site: Path) -> None:
    class Kit(TaskDeclarations):
        task = get_task()

    (site / "causes.yaml").write_text(CAUSES)
    for name in ("CheckRabi.contras", "CheckRaby.snr", "failed.CheckRaby"):
        write_rule(site, when=f"contrast < 1 or {name} < 1")
        with pytest.raises(AssertionError, match=f"no installed task has the feature {name}"):
            Kit().test_installed_features_find_no_fault()
    write_rule(site, when="CheckRabi.snr < 1 and CheckRabi.r2 < 1", text="Of {failed.CheckRabi:.0f}.")
    Kit().test_installed_features_find_no_fault()
