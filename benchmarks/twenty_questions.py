"""Twenty questions about recorded nights: `python -m benchmarks.twenty_questions --folder FOLDER`.

The nights (`benchmarks.question_nights`) have known faults, so that the answers are known, and can be found in the record. Each question is put to
`qdash explain`, and with `--ask` also to `qdash ask`, which needs an assistant and its settings. An answer is

- *right* if its first cause is the fault, with the other qubit, the shared resource or the targets that the question is about;
- *unsupported* if it is right, but stands on nothing, or on a record that does not exist or is about other parts of the chip;
- *wrong* otherwise.

The table replaces the one in `twenty_questions.md`.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.question_nights import CHIP, RecordedNights, record_nights
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.conversations.citations import parse_references
from qdash_core import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.fault_kinds import FAULT_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from qdash_core.chips.topology import Topology

TABLE = Path(__file__).with_suffix(".md")
BEGIN, END = "<!-- answers -->\n", "<!-- end of answers -->"
RIGHT, WRONG, UNSUPPORTED = "right", "wrong", "unsupported"


@dataclass(frozen=True, slots=True)
class Question:
    """Question about a night, and its answer.

    Attributes
    ----------
    text
        The question; `{execution}` and `{result}` become ids.
    night
        Number of the night, from 1.
    cause
        Id of the cause, or None if there is nothing to explain.
    target
        Qubit, or empty for the whole check.
    task
        Task of the result that is asked about; empty for the first failed or flagged one of the target.
    partner
        Other qubit that takes part.
    origin
        Task whose failure is the reason of a skipped result.
    targets
        Qubits that an answer about the whole check must name together.
    resource
        Regular expression of the resource that they share.
    by_hand
        Whether the run by hand of the night is meant instead of its check.
    """

    text: str
    night: int
    cause: str | None
    target: str = ""
    task: str = ""
    partner: str = ""
    origin: str = ""
    targets: frozenset[str] = frozenset()
    resource: str = ""
    by_hand: bool = False


QUESTIONS = (
    Question("Did anything in execution {execution} need attention?", 1, None),
    Question("Is the T1 of qubit 5 in result {result} suspicious?", 1, None, "5", "CheckT1"),
    Question("Why did qubit 9 fail in execution {execution}?", 2, "dead-line", "9"),
    Question(
        "Why was result {result}, the benchmarking of qubit 9, skipped?",
        2,
        "dead-line",
        "9",
        "RandomizedBenchmarking",
        origin="CheckRabi",
    ),
    Question("Why was qubit 5 flagged in execution {execution}?", 2, "t1-fall", "5"),
    Question("Why did qubit 3 fail in execution {execution}?", 2, "frequency-jump", "3"),
    Question("Why did qubit 14 fail in execution {execution}?", 2, "readout-attenuation", "14"),
    Question("Why did qubit 6 fail in execution {execution}?", 2, "lost-points", "6"),
    Question("Why did qubit 10 fail in execution {execution}?", 2, "drive-attenuation", "10"),
    Question(
        "What do the failures of qubits 12 to 15 in execution {execution} have in common?",
        3,
        "amplifier-failure",
        targets=frozenset({"12", "13", "14", "15"}),
        resource=r"(multiplexer|mux) 3|line",
    ),
    Question("Why did qubit 13 fail in execution {execution}?", 3, "amplifier-failure", "13"),
    Question("Why did qubit 2 fail in execution {execution}?", 3, "reset-failure", "2"),
    Question(
        "What do the failures of qubits 0 to 7 in execution {execution} have in common?",
        4,
        "dead-module",
        targets=frozenset("01234567"),
        resource=r"U10B",
    ),
    Question("Why did qubit 7 fail in execution {execution}?", 4, "dead-module", "7"),
    Question("Why was qubit 12 flagged in execution {execution}?", 5, "warm-up", "12"),
    Question(
        "What do the flagged qubits of execution {execution} have in common?",
        5,
        "warm-up",
        targets=frozenset({"0", "1", "3", "11", "12", "13"}),
    ),
    Question("Why did qubit 6 fail in execution {execution}?", 6, "value-changed-by-user", "6"),
    Question(
        "Why did qubit 1 fail in execution {execution}, and which other qubit has to do with it?",
        6,
        "swapped-drive",
        "1",
        partner="2",
    ),
    Question("Why did qubit 8 fail in execution {execution}?", 6, "resonator-shift", "8"),
    Question(
        "Why did CheckT1 on qubit 11 fail in execution {execution}?", 6, "short-window", "11", by_hand=True
    ),
)
_CAUSES = sorted(
    {kind.cause for kind in FAULT_KINDS.values()} | {one.cause for one in QUESTIONS if one.cause}
)
_FORM = f"End with a line `CAUSE: ID`, where ID is one of {', '.join(_CAUSES)}, or none."
"""Form of the answer of an assistant, which makes it comparable."""
_NAMED = re.compile(r"CAUSE:\W*([\w-]+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to a question, and how it was judged.

    Attributes
    ----------
    said
        Its beginning, or its first cause.
    why
        Reason of the verdict if it is not right.
    cost
        Cost of the answer, with its currency; empty without a model.
    """

    verdict: str
    said: str
    why: str = ""
    cost: str = ""


@dataclass
class Judge:
    """Judge of answers about recorded nights."""

    nights: RecordedNights
    _results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put_to_explain(self, question: Question) -> Answer:
        """Put a question to `qdash explain`, and judge the answer."""
        execution = self._find_execution(question)
        if not question.target:
            found = self.nights.home.read("explain", execution)
            return self._judge_execution(question, found)
        asked = self._find_result(question)
        if asked is None:
            return Answer(WRONG, "", "no result of this qubit failed or was flagged")
        found = self.nights.home.read("explain", asked["task_id"])
        return self._judge_result(question, found)

    def put_to_assistant(self, question: Question) -> Answer:
        """Put a question to `qdash ask`, and judge the answer."""
        asked = self._find_result(question) if question.target else None
        text = question.text.format(
            execution=self._find_execution(question), result=asked["task_id"] if asked else ""
        )
        found = self.nights.home.read("ask", f"{text} {_FORM}", "--chip", CHIP)
        said, cost = str(found.get("answer", "")), _format_cost(found)
        first = " ".join(said.split())[:100]
        if found.get("state") != "completed":
            return Answer(WRONG, first, str(found.get("error") or found.get("state")), cost)
        named = _NAMED.findall(said)
        if named[-1:] != [question.cause or "none"]:
            return Answer(WRONG, first, f"the cause is {question.cause or 'none'}", cost)
        demands = (rf"\b{question.partner}\b" if question.partner else "", question.origin, question.resource)
        missing = [one for one in demands if not re.search(one, said)]
        if missing:
            return Answer(WRONG, first, f"it does not say {missing[0]}", cost)
        cited = [(str(one.kind), one.id) for one in parse_references(said)]
        problem = self._find_problem(question, cited)
        return Answer(UNSUPPORTED if problem else RIGHT, first, problem, cost)

    def _find_execution(self, question: Question) -> str:
        of = self.nights.by_hand if question.by_hand else self.nights.checks
        return of[question.night - 1]

    def _list_results(self, execution_id: str) -> list[dict[str, Any]]:
        if execution_id not in self._results:
            self._results[execution_id] = self.nights.list_results(execution_id)
        return self._results[execution_id]

    def _find_result(self, question: Question) -> dict[str, Any] | None:
        """Return the result that a question is about."""
        for result in self._list_results(self._find_execution(question)):
            bad = result["status"] == "failed" or result.get("verdict") == "flagged"
            if result["qid"] == question.target and (
                result["name"] == question.task if question.task else bad
            ):
                return result
        return None

    def _judge_result(self, question: Question, found: dict[str, Any]) -> Answer:
        causes = found["causes"]
        said = _name_causes(causes)
        if question.cause is None:
            return Answer(WRONG, said, "it names a cause") if causes else Answer(RIGHT, "no cause")
        if not causes or causes[0]["id"] != question.cause:
            return Answer(WRONG, said or "no cause", f"the cause is {question.cause}")
        if question.partner and question.partner not in str(causes[0].get("partner", "")).split(", "):
            return Answer(WRONG, said, f"the other qubit is {question.partner}")
        if question.origin and found["result"]["task"] != question.origin:
            return Answer(WRONG, said, f"the reason is the failure of {question.origin}")
        problem = self._find_problem(question, _list_sources(causes[0]))
        return Answer(UNSUPPORTED if problem else RIGHT, said, problem)

    def _judge_execution(self, question: Question, found: dict[str, Any]) -> Answer:
        groups = found["groups"]
        said = "; ".join(
            f"{', '.join(one['targets'])}: {one['cause']['id'] if one.get('cause') else 'no cause'}"
            + (f" ({one['resource']})" if one.get("resource") else "")
            for one in groups
        )
        if question.cause is None:
            return Answer(WRONG, said, "it names failures") if groups else Answer(RIGHT, "no failure")
        for one in groups:
            cause = one.get("cause")
            if cause is None or cause["id"] != question.cause or not question.targets <= {*one["targets"]}:
                continue
            if not re.search(question.resource, one.get("resource") or ""):
                return Answer(WRONG, said, f"they share {question.resource}")
            problem = self._find_problem(question, _list_sources(cause))
            return Answer(UNSUPPORTED if problem else RIGHT, said, problem)
        together = ", ".join(sorted(question.targets, key=int))
        return Answer(WRONG, said or "no failure", f"the cause of {together} is {question.cause}")

    def _find_problem(self, question: Question, cited: Collection[tuple[str, str]]) -> str:
        """Return why cited records do not support an answer, or an empty text."""
        if not cited:
            return "it cites nothing"
        if question.cause == "value-changed-by-user" and "value-change" not in {kind for kind, _ in cited}:
            return "it does not cite the change"
        about = self._list_parts(question)
        for kind, record in cited:
            if kind == "result":
                qid = self._targets_of_results.get(record)
                if qid is None:
                    return f"result {record} does not exist"
                if not about & {*qid.split("-")}:
                    return f"result {record} is about qubit {qid}"
            if kind == "execution" and record not in self.nights.list_executions():
                return f"execution {record} does not exist"
        return ""

    def _list_parts(self, question: Question) -> set[str]:
        """Return the qubits whose records can support an answer: all for a fault of many; else those near the target."""
        topology = self._topology
        if question.targets or question.cause in ("dead-module", "warm-up", None):
            return {*topology.qids}
        mux = topology.get_mux(question.target)
        members = () if mux is None else topology.members(mux)
        pairs = (one.split("-") for one in topology.couplings)
        coupled = {qid for pair in pairs if question.target in pair for qid in pair}
        return {question.target, question.partner, *members, *coupled}

    @cached_property
    def _targets_of_results(self) -> dict[str, str]:
        """Qubit of every result of the nights, by id."""
        return {
            result["task_id"]: result["qid"]
            for execution in self.nights.list_executions()
            for result in self._list_results(execution)
        }

    @cached_property
    def _topology(self) -> Topology:
        with open_qdash(load_settings(home=self.nights.home.folder)) as qdash:
            return qdash.get(CHIPS).show(qdash.access("admin"), CHIP).topology


def main() -> None:
    """Put the questions and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="keeps the recorded nights")
    parser.add_argument("--ask", action="store_true", help="put the questions to an assistant, too")
    given = parser.parse_args()
    judge = Judge(record_nights(given.folder))
    explained = [judge.put_to_explain(question) for question in QUESTIONS]
    asked = [judge.put_to_assistant(question) for question in QUESTIONS] if given.ask else []
    table = "".join(f"{line}\n" for line in _make_lines(explained, asked))
    text = TABLE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    TABLE.write_text(head + BEGIN + table + END + rest.partition(END)[2], encoding="utf-8")
    print(table)


def _make_lines(explained: list[Answer], asked: list[Answer]) -> Iterator[str]:
    yield f"`qdash explain`: {_summarize(explained)}."
    if asked:
        yield f"`qdash ask`: {_summarize(asked)}."
    yield ""
    yield "| night | question | answer | `qdash explain` |" + (" `qdash ask` | cost |" if asked else "")
    yield "|---|---|---|---|" + ("---|---|" if asked else "")
    for index, question in enumerate(QUESTIONS):
        text = question.text.replace("{execution}", f"night {question.night}").replace(" {result}", "")
        row = [str(question.night), text, question.cause or "nothing", _describe(explained[index])]
        if asked:
            row += [_describe(asked[index]), asked[index].cost]
        yield f"| {' | '.join(row)} |"


def _summarize(answers: Iterable[Answer]) -> str:
    verdicts = [one.verdict for one in answers]
    return ", ".join(f"{verdicts.count(one)} {one}" for one in (RIGHT, UNSUPPORTED, WRONG))


def _describe(answer: Answer) -> str:
    text = f"{answer.verdict}: {answer.said}" + (f" ({answer.why})" if answer.why else "")
    return text.replace("|", "\\|")


def _name_causes(causes: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{one['id']}{f' with {partner}' if (partner := one.get('partner')) else ''} {one['probability']:.0%}"
        for one in causes[:3]
    )


def _list_sources(cause: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["id"]) for evidence in cause["evidence_for"] for one in evidence["sources"]]


def _format_cost(found: dict[str, Any]) -> str:
    tokens = [found.get(name) for name in ("input_tokens", "output_tokens")]
    written = "+".join("?" if one is None else str(one) for one in tokens) + " tokens"
    cost = found.get("cost")
    return written if cost is None else f"{written}, {cost:.4f} {found.get('currency', '')}".rstrip()


if __name__ == "__main__":
    main()
