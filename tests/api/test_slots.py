"""Slots: limited in total and per user, granted to the user with the fewest, with a limited wait."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest

from qdash_api.process.slots import Slots
from qdash_core.errors import TooManyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anyio.abc import TaskGroup


def make_slots(
    total: int = 4,
    *,
    per_user: int = 2,
    queue: int = 8,
    wait_s: float = 60.0,
    clock: Callable[[], float] = anyio.current_time,
) -> Slots:
    refusal = partial(TooManyError, "there is no slot")
    return Slots(total, per_user=per_user, queue=queue, wait_s=wait_s, refusal=refusal, clock=clock)


class Users:
    """Requests of users, which hold their slots until released."""

    def __init__(self, slots: Slots, group: TaskGroup) -> None:
        self._slots, self._group = slots, group
        self.working: list[str] = []
        self._ends: dict[str, list[anyio.Event]] = {}

    async def acquire(self, *users: str) -> None:
        for user in users:
            self._group.start_soon(self._work, user)
            await anyio.wait_all_tasks_blocked()

    async def end(self, user: str) -> None:
        self._ends[user].pop().set()
        await anyio.wait_all_tasks_blocked()

    async def _work(self, user: str) -> None:
        with await self._slots.acquire(user):
            end = anyio.Event()
            self._ends.setdefault(user, []).append(end)
            self.working.append(user)
            await end.wait()
            self.working.remove(user)


def play(scene: Callable[[Users], Awaitable[None]], of: Callable[[], Slots] = make_slots) -> None:
    async def played() -> None:
        async with anyio.create_task_group() as group:
            await scene(Users(of(), group))
            group.cancel_scope.cancel()

    anyio.run(played)


def test_one_user_leaves_slots_for_others() -> None:
    async def scene(users: Users) -> None:
        await users.acquire(*["ann"] * 8, "bob", "cyd")
        assert sorted(users.working) == ["ann", "ann", "bob", "cyd"]

    play(scene)


def test_a_free_slot_goes_to_the_user_who_holds_the_fewest() -> None:
    async def scene(users: Users) -> None:
        await users.acquire(*["ann"] * 4, *["bob"] * 4, "cyd")
        await users.end("ann")
        assert sorted(users.working) == ["ann", "bob", "bob", "cyd"]

    play(scene)


def test_too_many_waiting_requests_of_one_user_are_refused_at_once_and_others_are_not() -> None:
    async def scene(users: Users) -> None:
        full = users._slots
        await users.acquire("ann", "bob", "ann")
        with pytest.raises(TooManyError):
            await full.acquire("ann")
        await users.acquire("bob")
        await users.end("bob")
        assert users.working == ["ann", "bob"]

    play(scene, lambda: make_slots(2, per_user=1, queue=1))


def test_the_wait_for_a_slot_is_limited_unless_the_response_has_begun() -> None:
    async def scene(users: Users) -> None:
        await users.acquire("ann")
        with pytest.raises(TooManyError):
            await users._slots.acquire("bob")
        with anyio.move_on_after(0.05) as waiting:
            await users._slots.acquire("bob", unlimited_wait=True)
        assert waiting.cancelled_caught

    play(scene, lambda: make_slots(1, wait_s=0.01))


def test_a_request_is_refused_at_once_if_no_slot_was_released_for_the_longest_wait() -> None:
    now = [0.0]

    async def scene(users: Users) -> None:
        await users.acquire("ann")
        now[0] = 60.0
        with pytest.raises(TooManyError), anyio.fail_after(0):  # TimeoutError, if it waits
            await users._slots.acquire("bob")
        await users.end("ann")
        await users.acquire("bob")
        assert users.working == ["bob"]

    play(scene, lambda: make_slots(1, clock=lambda: now[0]))


def test_a_request_that_is_cancelled_leaves_its_place_and_its_slot_to_others() -> None:
    async def scene(users: Users) -> None:
        full = users._slots
        held = await full.acquire("ann")
        for _ in range(3):
            with anyio.move_on_after(0):
                await full.acquire("bob")
        leaving = anyio.CancelScope()

        async def leave() -> None:
            with leaving, await full.acquire("bob"):
                await anyio.sleep_forever()

        users._group.start_soon(leave)
        await anyio.wait_all_tasks_blocked()
        held.release()
        leaving.cancel()  # in the same step as the grant of the slot
        await users.acquire("cyd")
        assert users.working == ["cyd"]

    play(scene, lambda: make_slots(1, queue=1))


def test_a_slot_granted_to_a_cancelled_task_is_released() -> None:
    """This happens at shutdown: unlike a cancel scope, asyncio cancels a task whose wait is over and that has
    not resumed yet.
    """

    async def scene() -> None:
        only = make_slots(1)
        held = await only.acquire("ann")
        waiting = asyncio.create_task(only.acquire("bob"))
        await anyio.wait_all_tasks_blocked()
        held.release()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with anyio.fail_after(5):
            (await only.acquire("cyd")).release()

    anyio.run(scene)


def test_a_slot_that_is_released_twice_is_given_once() -> None:
    async def scene(users: Users) -> None:
        slot = await users._slots.acquire("ann")
        slot.release()
        slot.release()
        await users.acquire("bob", "cyd")
        assert users.working == ["bob"]

    play(scene, lambda: make_slots(1))
