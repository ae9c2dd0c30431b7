"""Tasks of a chip: those of its backend and those for any backend whose requirements the backend meets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import NotFoundError, Parameter
from qdash_core.backends.base import BackendContext
from qdash_core.errors import BackendError

from ..bench import make_backend, make_raising, make_registry, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask
    from qdash_core.hooks.catalogue import Catalogue

CONTEXT = BackendContext("default", "chip", (), Path("home"))


def make_offers(*names: str) -> dict[str, Any]:
    return {"offers": classmethod(lambda _cls, _context: frozenset(names))}


def make_requiring_task(*names: str, name: str = "Echo", **given: Any) -> type[BaseTask]:
    return make_task(name, requires=frozenset(names), **given)


def make_catalogue(*tasks: type[BaseTask], offers: tuple[str, ...] = ()) -> Catalogue:
    bench = make_backend(**make_offers(*offers))
    return make_registry(tasks, [bench]).catalogue(bench, CONTEXT)


def test_a_backend_that_offers_nothing_has_the_tasks_that_require_nothing() -> None:
    plain, echo = make_task(), make_requiring_task("Delay")
    found = make_catalogue(plain, echo)
    assert found.offered == {"Measure": plain}
    assert found.why_not("Measure") is None
    assert found.why_not("Echo") == "needs Delay, which backend bench does not offer"


def test_a_task_is_offered_where_everything_that_it_requires_is() -> None:
    echo = make_requiring_task("Delay", "Shots")
    assert make_catalogue(echo, offers=("Delay", "Shots", "Drive")).task("Echo") is echo
    lacking = make_catalogue(echo, offers=("Drive",))
    with pytest.raises(NotFoundError, match="Echo needs Delay and Shots, which backend bench does not offer"):
        lacking.task("Echo")
    assert not lacking.has("Echo")
    assert lacking.missing["Echo"].lacks == ("Delay", "Shots")


def test_a_task_of_the_backends_own_comes_before_one_for_any_backend() -> None:
    own, neutral = make_requiring_task(backend="bench"), make_requiring_task("Delay")
    assert make_catalogue(neutral, own).task("Echo") is own
    assert make_catalogue(neutral, own, offers=("Delay",)).offered == {"Echo": own}


def test_one_for_any_backend_stands_in_where_the_own_one_cannot_be_run() -> None:
    own, neutral = make_requiring_task("Delay", backend="bench"), make_requiring_task()
    assert make_catalogue(own, neutral).task("Echo") is neutral


def test_an_alias_stands_for_the_task() -> None:
    echo = make_requiring_task("Delay", aliases=("Hahn",))
    assert make_catalogue(echo, offers=("Delay",)).task("Hahn") is echo
    with pytest.raises(NotFoundError, match="Echo needs Delay"):
        make_catalogue(echo).task("Hahn")


def test_a_task_of_another_backend_and_one_that_nobody_has_are_told_apart() -> None:
    theirs = make_task(backend="rack")
    found = make_catalogue(theirs, make_task("Own", backend="bench"))
    assert found.why_not("Measure") == "is written for backend rack, not for bench"
    assert found.known("Measure") is theirs
    assert found.known("Measured") is None
    with pytest.raises(
        NotFoundError, match="there is no task 'Ow' for the backend 'bench'; did you mean 'Own'"
    ):
        found.task("Ow")


def test_only_tasks_that_can_be_run_make_parameters() -> None:
    made = {"t2": Parameter(1.0)}
    tasks = [
        make_task("A", made),
        make_requiring_task("Delay", name="B", gives=made),
        make_task("C", made, backend="rack"),
    ]
    assert make_catalogue(*tasks).makers() == {"t2": ["A"]}
    assert make_catalogue(*tasks, offers=("Delay",)).makers() == {"t2": ["A", "B"]}


def test_the_chip_may_decide_and_nothing_is_connected() -> None:
    def offers(_cls: object, context: BackendContext) -> frozenset[str]:
        return frozenset({context.chip_id})

    bench = make_backend(offers=classmethod(offers), connect=make_raising(RuntimeError))
    registry = make_registry([make_requiring_task("chip")], [bench])
    assert registry.catalogue(bench, CONTEXT).has("Echo")
    other = BackendContext("default", "other", (), Path("home"))
    assert not registry.catalogue(bench, other).has("Echo")


@pytest.mark.parametrize(
    ("offers", "message"),
    [
        (make_raising(ValueError("no file")), "backend bench cannot say what it offers on chip chip of project default: no file"),
        (make_raising(SystemExit(1)), "cannot say what it offers"),
        (lambda *_: "Echo", "says that it offers 'Echo' on chip chip of project default: it has to be a set of names"),
        (lambda *_: None, "has to be a set of names"),
        (lambda *_: frozenset({1}), "has to be a set of names"),
    ],
)  # fmt: skip
def test_a_backend_that_cannot_tell_is_named(offers: Any, message: str) -> None:
    bench = make_backend(offers=classmethod(offers))
    with pytest.raises(BackendError) as caught:
        make_registry([make_task()], [bench]).catalogue(bench, CONTEXT)
    assert message in str(caught.value)
