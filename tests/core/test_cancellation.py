"""Abandoned work ends at its next checkpoint."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from qdash_core.process.cancellation import AbandonedError, allow_abandoning, checkpoint


def test_work_ends_at_a_checkpoint_once_it_is_abandoned() -> None:
    gone = False
    with allow_abandoning(lambda: gone):
        checkpoint()
        gone = True
        with pytest.raises(AbandonedError):
            checkpoint()
    checkpoint()


def test_work_in_a_thread_ends_as_well_and_other_work_does_not() -> None:
    with ThreadPoolExecutor(1) as pool, allow_abandoning(lambda: True):
        with pytest.raises(AbandonedError):
            pool.submit(copy_context().run, checkpoint).result()
        pool.submit(checkpoint).result()


def test_handlers_of_failures_do_not_go_on_with_abandoned_work() -> None:
    done = []

    def work() -> None:
        try:
            checkpoint()
        except Exception:  # noqa: BLE001  as between a route and a plugin
            done.append("went on")

    with allow_abandoning(lambda: True), pytest.raises(AbandonedError):
        work()
    assert not done
