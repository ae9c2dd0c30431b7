"""Facts of features appear in contexts, explanations and reports, their lines in digests; a feature that fails costs one line."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.contexts.feature import CONTEXTS
from qdash_builtin.contexts.views.context import ContextDocument
from qdash_builtin.contexts.views.context_markdown import ContextMarkdown
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.digests.formats import write_digest
from qdash_builtin.digests.views import DigestDocument
from qdash_builtin.explanations.explanation import Explanation
from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_builtin.explanations.views import ExplanationDocument
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_builtin.text_pages import Line, TextSection
from qdash_core import Fact, Feature, RecordKind, Reference, load_plugins

from ...access import ADMIN
from ..bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core import FactSubject
    from qdash_core.models.access import Access

    from ..conftest import MakeBench

NOW = datetime(2026, 1, 7, 8, 0, tzinfo=UTC)
ASKED: list[FactSubject] = []
ENDED = threading.Event()


def list_samples(_qdash: object, access: Access, subject: FactSubject) -> Iterator[Fact]:
    ASKED.append(subject)
    yield Fact(
        "Samples",
        "sample 7",
        f"glued for {access.username}",
        NOW,
        Reference("sample", "7"),
        details="thickness 2 mm",
    )


def list_digest_lines(_qdash: object, _access: Access, period: FactSubject) -> TextSection:
    ASKED.append(period)
    return TextSection(
        "Samples", [Line(f"sample {number} glued", "qdash samples list") for number in range(9)]
    )


def fail(*_: object) -> list[Fact]:
    raise ValueError("no log")


def hang(*_: object) -> list[Fact]:
    ENDED.wait(60)
    return []


def return_texts(*_: object) -> list[Any]:
    return ["sample 7"]


def return_naive_time(*_: object) -> list[Fact]:
    return [Fact("Samples", "sample 7", "", datetime(2026, 1, 7))]  # noqa: DTZ001  what is refused


def make_feature(name: str, *functions: str) -> Feature:
    return Feature(name, facts=tuple(f"{__name__}:{one}" for one in functions))


SAMPLES = Feature(
    "samples",
    records=(RecordKind("sample", "samples:find", route="plugins/laboratory/samples/{id}"),),
    facts=(f"{__name__}:list_samples",),
    digest_lines=(f"{__name__}:list_digest_lines",),
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Iterator[Bench]:
    bench = make_bench(make_task())
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "a cable was moved")
    ASKED.clear()
    ENDED.clear()
    yield bench
    ENDED.set()


def show(bench: Bench, target: str | None = None) -> ContextDocument:
    contexts = bench.qdash.get(CONTEXTS)
    return ContextDocument.from_context(contexts.make(ADMIN, contexts.resolve(ADMIN, CHIP, target)))


def explain(bench: Bench) -> Explanation:
    found = bench.qdash.get(EXPLANATIONS).explain(ADMIN, "0")
    assert isinstance(found, Explanation)
    return found


def report(bench: Bench, subject: str = CHIP) -> str:
    reports = bench.qdash.get(REPORTS)
    made = reports.make(ADMIN, reports.resolve(ADMIN, subject), with_figures=False)
    return b"".join(render_report(made, ReportFormat.MARKDOWN)).decode()


def test_facts_of_a_plugin_are_in_contexts_explanations_and_reports(bench: Bench) -> None:
    bench = bench.reinstall(make_task(), others={"laboratory": SAMPLES})
    result = bench.run()
    of_chip = show(bench)
    assert [(one.heading, one.title) for one in of_chip.facts or ()] == [
        ("Notes", "note on qubit 0"),
        ("Samples", "sample 7"),
    ]
    page = ContextMarkdown(of_chip, "https://lab.example").write()
    assert "## Samples\n\nsample, `7`, `sample 7`, `thickness 2 mm`, 2026-01-07T08:00:00Z:\n\n" in page
    assert [one.title for one in explain(bench).related] == ["note on qubit 0", "sample 7"]
    related = ExplanationDocument.from_explanation(explain(bench)).related
    assert [one.source and one.source.kind for one in related] == ["note", "sample"]
    text = report(bench)
    assert "### Samples" in text
    assert "glued for admin" in text
    assert "glued for admin" in report(bench, result.execution_id)
    assert [one.targets for one in ASKED] == [(), ("0",), ("0",), (), ("0",)]
    assert (ASKED[1].task_id, ASKED[4].execution_id) == (result.task_id, result.execution_id)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("fail", "ValueError: no log (test_facts.py:"),
        ("hang", "took longer than 1 s"),
        ("return_texts", "returned a list with 'sample 7', which is no Fact"),
        ("return_naive_time", "returned a fact whose time has no time zone: 'sample 7'"),
        ("no_such_function", "has no attribute 'no_such_function'"),
    ],
)
def test_a_function_that_fails_costs_one_line_that_names_the_plugin(
    bench: Bench, function: str, reason: str
) -> None:
    broken = make_feature("broken", function)
    bench = bench.reinstall(make_task(), others={"laboratory": SAMPLES, "old-log": broken})
    bench.qdash.participants.limit_s = 1.0
    bench.run()
    (missing,) = show(bench).missing or ()
    assert missing.startswith("facts of the plugin 'old-log' are missing: ")
    assert reason in missing
    found = explain(bench)
    assert [one.title for one in found.related] == ["note on qubit 0", "sample 7"]
    assert [one[:34] for one in found.remarks] == [missing[:34]]
    text = report(bench)
    assert "facts of the plugin" in text
    assert "glued for admin" in text
    assert "a cable was moved" in text


def test_facts_of_a_blocked_feature_are_gone(bench: Bench) -> None:
    bench = bench.reinstall(make_task(), others={"laboratory": SAMPLES}, blocked=("notes", "laboratory"))
    bench.run()
    assert show(bench).facts is None
    assert explain(bench).related == []
    assert "Related texts" not in report(bench)


def digest(bench: Bench) -> tuple[DigestDocument, str]:
    made = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "1h")
    return DigestDocument.from_digest(made), write_digest(made, bench.qdash.zone, "markdown")


def test_lines_of_plugins_issues_and_cooldowns_are_in_a_digest(bench: Bench) -> None:
    bench = bench.reinstall(make_task(), others={"laboratory": SAMPLES})
    issues = bench.qdash.get(ISSUES)
    issues.open(ADMIN, "No line", chip_id=CHIP)
    issues.close(ADMIN, issues.open(ADMIN, "Noise", chip_id=CHIP).issue.issue_id)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "cryo")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "cd1", "cryo", chip_ids=[CHIP])
    document, text = digest(bench)
    further = document.further or {}
    assert further["Issues"] == ["opened #2 Noise, #1 No line", "closed #2 Noise"]
    assert further["Cool-downs"][0].startswith("cool-down cd1 in cryo began ")
    assert further["Samples"][:1] == ["sample 0 glued: qdash samples list"]
    assert "sample 1 glued" in text
    assert "and 7 more" in text
    assert (ASKED[-1].chip_id, ASKED[-1].until) == (CHIP, document.until)


@pytest.mark.parametrize(
    ("function", "reason"),
    [("fail", "ValueError: no log (test_facts.py:"), ("return_texts", "which is no TextSection with lines")],
)
def test_lines_that_fail_cost_one_line_of_the_digest(bench: Bench, function: str, reason: str) -> None:
    broken = Feature("broken", digest_lines=(f"{__name__}:{function}",))
    bench = bench.reinstall(make_task(), others={"laboratory": SAMPLES, "old-log": broken})
    document, text = digest(bench)
    (missing,) = (document.further or {})["Missing"]
    assert missing.startswith("lines of the plugin 'old-log': ")
    assert reason in missing
    assert "sample 0 glued" in text
    blocked = bench.reinstall(make_task(), others={"laboratory": SAMPLES}, blocked=("laboratory",))
    assert digest(blocked)[0].further is None


@pytest.mark.parametrize("facts", ["tests:list_samples", ("list_samples",), (list_samples,)])
def test_facts_are_a_tuple_of_places(facts: Any) -> None:
    registry = load_plugins(extra={"laboratory": Feature("samples", facts=facts)}, installed_too=False)
    registry.features()
    (record,) = registry.plugins
    assert record.status == "failed"
    assert "facts" in (record.error or "") or "module:attribute" in (record.error or "")
