"""Hooks that observe and take part: when they are called, their arguments, their order, and the effect of a failure."""

from __future__ import annotations

import gc
import json
import logging
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest

from qdash_builtin.people.feature import USERS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.change_queries import list_event_parts
from qdash_builtin.values.feature import VALUES
from qdash_cli.main import run
from qdash_core import Parameter, hookimpl
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.errors import InvalidInputError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.hooks.manager import load_plugins
from qdash_core.hooks.plugin_failures import FOLDER, read_failures, record_failure
from qdash_core.models.authentication import AuthenticationAttempt
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.value_changes import ValueChangeRepository
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings
from qdash_notify.feature import FEATURE as NOTIFIERS_FEATURE

from ...access import ADMIN
from ..bench import CHIP, SIGNAL, Bench, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..conftest import MakeBench

LIMIT_S = 0.3


def make_plugin(**hooks: Callable[[Any], Any]) -> Any:
    """Return a plugin whose hooks call these functions."""

    def adapt(name: str, function: Callable[[Any], Any]) -> Any:
        argument = {
            "qdash_run_planned": "plan",
            "qdash_value_changed": "event",
            "qdash_authentication": "attempt",
        }.get(name, "result")
        names: dict[str, Any] = {"function": function}
        exec(
            f"def {name}({argument}): return function({argument})", names
        )  # the name of an argument is its meaning
        return hookimpl(
            names[name],
            tryfirst=getattr(function, "tryfirst", False),
            trylast=getattr(function, "trylast", False),
        )

    return SimpleNamespace(**{name: adapt(name, function) for name, function in hooks.items()})


@pytest.fixture
def hang() -> Iterator[Callable[[Any], None]]:
    """A function that does not return before the end of the test."""
    ended = threading.Event()

    def wait(_: Any) -> None:
        ended.wait(60)

    yield wait
    ended.set()


def install(bench: Bench, *tasks: Any, **plugins: Any) -> Bench:
    """Return the bench with these plugins, in the order of their names."""
    installed = bench.reinstall(*tasks, others=plugins)
    installed.qdash.participants.limit_s = LIMIT_S
    return installed


def calibrate(bench: Bench, *names: str, qids: tuple[str, ...] = ("0",)) -> Any:
    return run_to_end(bench.make_service(), QubitTargets([*qids]), [CustomOneQubit(names or ("Measure",))])


# ------------------------------------------------------------------------------------------------------------- tasks


@pytest.mark.every_store
def test_a_task_is_observed_before_and_after_it_runs(make_bench: MakeBench) -> None:
    seen: list[tuple[str, str, str, str]] = []

    def note(when: str) -> Callable[[Any], None]:
        return lambda result: seen.append((when, result.name, result.qid, result.status))

    measure = make_task(measure=lambda task, _: seen.append(("measured", task.name, task.context.qid, "")))
    failing = make_task("Fail", measure=make_raising(RuntimeError("broken")))
    bench = make_bench(measure, failing)
    watching = make_plugin(qdash_before_task=note("before"), qdash_after_task=note("after"))
    bench = install(bench, measure, failing, watching=watching)
    calibrate(bench, "Measure", "Fail", qids=("0", "1"))
    bench.qdash.participants.finish()
    of_first = [one for one in seen if one[2] == "0" and one[1] == "Measure"]
    assert of_first == [
        ("before", "Measure", "0", "running"),
        ("measured", "Measure", "0", ""),
        ("after", "Measure", "0", "completed"),
    ]
    assert ("after", "Fail", "1", "failed") in seen


@pytest.mark.every_store
def test_an_outcome_is_observed_as_it_is_in_the_store(make_bench: MakeBench) -> None:
    task, found = make_task(), []
    bench = make_bench(task)

    def compare(result: Any) -> None:
        # Outside the transaction: another thread can read, and finds what was recorded.
        found.append(bench.get_stored(result) == result)

    bench = install(bench, task, watching=make_plugin(qdash_after_task=compare))
    bench.run()
    bench.qdash.participants.finish()
    assert found == [True]


def test_a_plugin_that_changes_its_copy_changes_nothing(make_bench: MakeBench) -> None:
    task, seen = make_task(), []
    bench = make_bench(task)

    def spoil(result: Any) -> None:
        result.output_parameters.clear()
        result.run_parameters.clear()
        result.qid = "4"

    spoiling = make_plugin(qdash_before_task=spoil, qdash_after_task=spoil)
    watching = make_plugin(
        qdash_after_task=lambda result: seen.append((result.qid, [*result.output_parameters]))
    )
    bench = install(bench, task, a=spoiling, b=watching)
    result = bench.run()
    bench.qdash.participants.finish()
    assert (result.qid, [*result.output_parameters]) == ("0", ["t1"])
    assert seen == [("0", ["t1"])]
    assert bench.get_value() == 10.0


@pytest.mark.parametrize(
    "hook", ["qdash_run_planned", "qdash_before_task", "qdash_after_task", "qdash_value_changed"]
)
@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (make_raising(RuntimeError("no\nlicence")), "RuntimeError: no licence"),
        (make_raising(SystemExit(3)), "SystemExit"),
        (make_raising(KeyboardInterrupt), "KeyboardInterrupt"),
        (None, "took longer than"),
    ],
    ids=["raises", "exits", "interrupts", "hangs"],
)
def test_a_failure_of_a_plugin_is_one_line_and_takes_nothing_else_away(
    make_bench: MakeBench,
    hook: str,
    fail: Callable[[Any], None] | None,
    reason: str,
    hang: Callable[[Any], None],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    task, seen = make_task(), []
    bench = make_bench(task)
    bench = install(
        bench, task, a=make_plugin(**{hook: fail or hang}), b=make_plugin(**{hook: lambda _: seen.append(1)})
    )
    with caplog.at_level(logging.WARNING, "qdash_core.hooks"):
        ended = calibrate(bench)
        bench.qdash.participants.finish()
    assert ended.status == "completed"
    assert bench.get_value() == 10.0
    assert seen == [1]
    (line,) = [record.getMessage() for record in caplog.records]
    assert reason in line
    assert "the plugin 'a'" in line
    assert "\n" not in line
    failures = read_failures(tmp_path)
    assert [name for name, _ in failures] == ["a"]
    assert reason in str(failures["a", ""])
    (state,) = [one for one in bench.qdash.registry.plugins if one.name == "a"]
    assert (state.status, state.provides) == ("ok", {hook: ["a"]})


def test_a_plugin_that_hangs_is_called_again_when_its_call_has_returned(make_bench: MakeBench) -> None:
    task, ended, calls = make_task(), threading.Event(), []

    def wait(_: Any) -> None:
        calls.append(threading.current_thread())
        ended.wait(60)

    bench = make_bench(task)
    bench = install(bench, task, slow=make_plugin(qdash_before_task=wait))
    bench.run()
    bench.run()
    assert len(calls) == 1
    ended.set()
    calls[0].join()
    bench.run()
    assert len(calls) == 2


def test_an_asynchronous_hook_is_a_failure(make_bench: MakeBench, tmp_path: Path) -> None:
    async def observe(_: Any) -> None: ...

    task = make_task()
    bench = make_bench(task)
    bench = install(bench, task, later=make_plugin(qdash_before_task=observe))
    bench.run()
    assert "asynchronous" in str(read_failures(tmp_path)["later", ""])


def say(text: str) -> None:
    """Print as `print` does: standard output is looked up now."""
    sys.stdout.write(f"{text}\n")


def test_what_a_plugin_prints_is_not_among_the_output_of_a_command(
    make_bench: MakeBench, hang: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:

    def measure(*_: Any) -> Any:
        say("measured")
        return SIGNAL

    task = make_task(measure=measure)
    bench = make_bench(task)

    def print_and_hang(result: Any) -> None:
        say("hangs")
        hang(result)

    bench = install(
        bench,
        task,
        a=make_plugin(qdash_before_task=print_and_hang),
        b=make_plugin(qdash_before_task=lambda result: say(f"observed {result.name}")),
    )
    bench.run()
    say("the answer")
    printed = capsys.readouterr()
    assert "measured" in printed.out
    assert printed.out.endswith("the answer\n")
    assert "observed" not in printed.out
    assert "hangs\nobserved Measure\n" in printed.err


def test_the_last_failure_of_a_plugin_is_listed_until_another_version_is_installed(
    tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = load_plugins(
        extra={"a": make_plugin(qdash_before_task=print)}, installed_too=False, blocked=()
    )
    monkeypatch.setattr("qdash_core.hooks.manager.load_plugins", lambda: registry)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    record_failure(tmp_path, "a", "0.1", "qdash_before_task raised ValueError: former")
    assert run(["plugins", "list"]) == 0
    assert "last failure" not in capsys.readouterr().out
    record_failure(tmp_path, "a", "", "qdash_before_task raised RuntimeError: no pump")
    assert run(["plugins", "list"]) == 0
    assert "last failure of a: qdash_before_task raised RuntimeError: no pump (20" in capsys.readouterr().out
    assert run(["plugins", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["status"], listed["provides"]) == ("ok", {"qdash_before_task": ["a"]})
    assert listed["last_failure"].startswith("qdash_before_task raised RuntimeError: no pump")


def test_the_text_of_an_error_of_an_observer_is_apart(make_bench: MakeBench, tmp_path: Path) -> None:
    def fail(_result: Any) -> None:
        raise RuntimeError("secret")

    task = make_task()
    bench = make_bench(task)
    install(bench, task, a=make_plugin(qdash_before_task=fail)).run()
    (failure,) = read_failures(tmp_path).values()
    full, brief = (failure.describe(fully=fully) for fully in (True, False))
    assert full.startswith("qdash_before_task raised RuntimeError: secret (20")
    assert brief.startswith("qdash_before_task raised RuntimeError (20")


def test_a_failure_that_cannot_be_recorded_fails_nothing(make_bench: MakeBench, tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("no folder")
    task = make_task()
    bench = make_bench(task)
    bench = install(bench, task, a=make_plugin(qdash_before_task=make_raising(RuntimeError)))
    assert bench.run().status == "completed"
    assert read_failures(tmp_path) == {}


# ------------------------------------------------------------------------------------------------------------- order


def first(function: Callable[[Any], Any]) -> Any:
    function.tryfirst = True  # type: ignore[attr-defined]
    return function


def last(function: Callable[[Any], Any]) -> Any:
    function.trylast = True  # type: ignore[attr-defined]
    return function


def test_plugins_are_called_in_the_order_that_they_ask_for(make_bench: MakeBench) -> None:
    task, seen = make_task(), []
    bench = make_bench(task)

    def note(name: str) -> Callable[[Any], None]:
        return lambda _: seen.append(name)

    bench = install(
        bench,
        task,
        a=make_plugin(qdash_before_task=last(note("a"))),
        b=make_plugin(qdash_before_task=note("b")),
        c=make_plugin(qdash_before_task=first(note("c"))),
        d=make_plugin(qdash_before_task=note("d")),
    )
    bench.run()
    assert seen == ["c", "b", "d", "a"]


@pytest.mark.parametrize(("options", "order"), [({}, "ab"), ({"tryfirst": True}, "ba")])
def test_what_plugins_provide_is_used_in_the_order_that_they_ask_for(
    options: dict[str, bool], order: str
) -> None:
    def provide(name: str, **options: bool) -> Any:
        def qdash_notifiers() -> list[Any]:
            return [SimpleNamespace(name=name, notify=print)]

        return SimpleNamespace(qdash_notifiers=hookimpl(qdash_notifiers, **options))

    registry = load_plugins(
        extra={"a": provide("a"), "b": provide("b", **options)}, installed_too=False, blocked=()
    )
    assert [one.name for one in registry.notifiers()] == [*order]


def test_a_plugin_that_asks_to_be_first_takes_no_name_of_another() -> None:
    @hookimpl(tryfirst=True)
    def qdash_notifiers() -> list[Any]:
        return [SimpleNamespace(name="log", notify=print)]

    plugins = {"notifiers": NOTIFIERS_FEATURE, "z": SimpleNamespace(qdash_notifiers=qdash_notifiers)}
    registry = load_plugins(extra=plugins, installed_too=False, blocked=())
    assert "log" in {one.name for one in registry.notifiers()}
    assert {one.name: one.status for one in registry.plugins} == {"notifiers": "ok", "z": "failed"}


# ------------------------------------------------------------------------------------------------------------ planned


@pytest.mark.every_store
def test_a_plugin_refuses_a_run_with_its_reason_before_anything_is_measured(make_bench: MakeBench) -> None:
    task, plans = make_task(), []
    bench = make_bench(task)

    def refuse(plan: Any) -> str:
        plans.append(plan)
        return f"{plan.chip_id} is warm"

    bench = install(bench, task, fridge=make_plugin(qdash_run_planned=refuse))
    with pytest.raises(InvalidInputError, match="the plugin 'fridge' refuses this run: chip is warm"):
        calibrate(bench, qids=("0", "1"))
    (plan,) = plans
    assert (plan.chip_id, plan.username, plan.backend) == (CHIP, "admin", "bench")
    (stage,) = plan.stages
    assert (stage.tasks, stage.targets, stage.foreseen) == (("Measure",), ("0", "1"), True)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    assert bench.repositories.of(ExecutionLockRepository).list_by_project("default") == []


def test_the_first_reason_is_the_error_and_no_reason_lets_a_run_begin(make_bench: MakeBench) -> None:
    task = make_task()
    bench = make_bench(task)
    refusing = {
        "a": make_plugin(qdash_run_planned=lambda _: None),
        "b": make_plugin(qdash_run_planned=lambda _: "second"),
        "c": make_plugin(qdash_run_planned=first(lambda _: "first")),
    }
    with pytest.raises(InvalidInputError, match="'c' refuses this run: first"):
        calibrate(install(bench, task, **refusing))
    assert calibrate(install(bench, task, a=refusing["a"])).status == "completed"


def test_an_answer_that_is_no_reason_refuses_nothing(make_bench: MakeBench, tmp_path: Path) -> None:
    task = make_task()
    bench = install(make_bench(task), task, odd=make_plugin(qdash_run_planned=lambda _: False))
    assert calibrate(bench).status == "completed"
    assert "neither a reason nor None" in str(read_failures(tmp_path)["odd", ""])


# ------------------------------------------------------------------------------------------------------------- values


def test_a_store_keeps_plugins_that_observe_but_not_a_home_that_is_dropped(tmp_path: Path) -> None:
    qdash = open_qdash(Settings(home=tmp_path, store_url="memory://"))
    store, dropped = qdash.store, ref(qdash)
    del qdash
    gc.collect()
    assert dropped() is None
    assert store.on_commit is not None


@pytest.mark.every_store
def test_changes_of_values_are_observed_by_runs_by_hand_and_by_undo(make_bench: MakeBench) -> None:
    task, seen = make_task(), []
    bench = make_bench(task)

    def note(event: Any) -> None:
        # Outside the transaction: another thread can read, and finds what was recorded.
        stored = list_event_parts(bench.repositories.of(ValueChangeRepository), "default", event.number)
        value = event.head.values["t1"]
        seen.append(
            (
                event.head.kind,
                [part.qid for part in event.parts],
                value.before and value.before.value,
                value.after and value.after.value,
            )
        )
        assert [part.values for part in stored] == [part.values for part in event.parts]

    bench = install(bench, task, watching=make_plugin(qdash_value_changed=note))
    bench.run()
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(12.0, unit="us")}, reason="by hand")
    bench.qdash.get(VALUES).undo(ADMIN)
    bench.qdash.participants.finish()
    assert seen == [
        ("calibrated", ["0"], None, 10.0),
        ("set", ["0"], 10.0, 12.0),
        ("undone", ["0"], 12.0, 10.0),
    ]
    assert read_failures(bench.qdash.settings.home) == {}


@pytest.mark.every_store
def test_a_change_that_is_rolled_back_is_not_observed(make_bench: MakeBench) -> None:
    task, seen = make_task(), []
    bench = install(make_bench(task), task, watching=make_plugin(qdash_value_changed=seen.append))
    bench.run()
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(12.0, unit="us")}, reason="by hand")
    bench.qdash.get(VALUES).undo(ADMIN, dry_run=True)

    class BrokenError(Exception):
        pass

    def announce_and_fail() -> None:
        with bench.qdash.store.transaction() as transaction:
            transaction.announce(SimpleNamespace())
            raise BrokenError

    with pytest.raises(BrokenError):
        announce_and_fail()
    bench.qdash.participants.finish()
    assert [event.head.kind for event in seen] == ["calibrated", "set"]


def test_a_change_does_not_wait_for_its_observers(make_bench: MakeBench, hang: Callable[[Any], None]) -> None:
    bench = install(make_bench(), make_task(), slow=make_plugin(qdash_value_changed=hang))
    bench.qdash.participants.limit_s = 60.0
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(12.0, unit="us")}, reason="by hand")
    assert bench.get_value() == 12.0
    bench.qdash.participants.finish(grace_s=0.1)


# ----------------------------------------------------------------------------------------------------- authentication


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: None,
        lambda _: "",
        lambda _: "nobody",
        lambda _: True,
        lambda _: ["admin"],
        make_raising(RuntimeError("the directory does not answer")),
        None,
    ],
    ids=["no name", "empty", "unknown user", "True", "a list", "failure", "hangs"],
)
def test_nobody_is_let_in_but_by_the_name_of_a_user(
    make_bench: MakeBench, answer: Callable[[Any], Any] | None, hang: Callable[[Any], None]
) -> None:
    bench = install(make_bench(), proxy=make_plugin(qdash_authentication=answer or hang))
    attempt = AuthenticationAttempt(headers={"x-remote-user": "admin"})
    assert bench.qdash.get(AUTHENTICATOR).authenticate("", None, attempt) is None


def test_a_plugin_names_the_caller_whose_role_is_that_of_the_store(make_bench: MakeBench) -> None:
    plugin = make_plugin(qdash_authentication=lambda attempt: attempt.headers.get("x-remote-user"))
    bench = install(make_bench(), proxy=plugin)
    bench.qdash.get(USERS).create("vera", by="admin")
    attempt = AuthenticationAttempt(headers={"x-remote-user": "vera"})
    caller = bench.qdash.get(AUTHENTICATOR).authenticate("no such token", None, attempt)
    assert caller is not None
    assert caller.username == "vera"
    assert not caller.administers
    refused = bench.qdash.get(AUTHENTICATOR).authenticate("", "default", attempt)
    assert refused is not None
    with pytest.raises(Exception, match="vera"):
        _ = refused.access
    bench.qdash.get(USERS).edit("vera", by="admin", disabled=True)
    assert bench.qdash.get(AUTHENTICATOR).authenticate("", None, attempt) is None


def test_a_secret_is_in_no_text_of_an_attempt() -> None:
    attempt = AuthenticationAttempt("vera", "correct horse", {"authorization": "Basic dmVyYQ=="})
    assert "correct horse" not in repr(attempt)
    assert "dmVyYQ" not in repr(attempt)
