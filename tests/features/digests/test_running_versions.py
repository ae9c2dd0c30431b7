"""The version of a digest holds for an interval during a run, and one caller makes the next one."""

from __future__ import annotations

from qdash_builtin.digests.running_versions import RunningVersions

NEVER, ALWAYS = 1e12, 0.0


def choose(versions: RunningVersions, newest: int, *, every_s: float) -> int:
    with versions.choose("chip", newest, every_s=every_s) as number:
        return number


def test_others_get_the_number_of_the_interval_before_until_the_first_caller_has_ended() -> None:
    versions = RunningVersions()
    first = choose(versions, 1, every_s=NEVER)
    assert choose(versions, 1, every_s=NEVER) == first
    with versions.choose("chip", 1, every_s=ALWAYS) as second:
        assert second > first == choose(versions, 1, every_s=NEVER)
    assert choose(versions, 1, every_s=NEVER) == second


def test_an_event_changes_the_number_for_all_at_once() -> None:
    versions = RunningVersions()
    first = choose(versions, 1, every_s=NEVER)
    with versions.choose("chip", 2, every_s=NEVER) as changed:
        assert choose(versions, 2, every_s=NEVER) == changed > first
        assert choose(versions, 1, every_s=NEVER) == changed, "an older snapshot takes what is newer"


def test_a_digest_that_is_begun_before_an_event_does_not_hide_it() -> None:
    versions = RunningVersions()
    choose(versions, 1, every_s=NEVER)
    with versions.choose("chip", 1, every_s=ALWAYS) as before:
        changed = choose(versions, 2, every_s=NEVER)
    assert choose(versions, 2, every_s=NEVER) == changed > before
