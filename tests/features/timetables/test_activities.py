"""Kinds of activities of timetables: each is declared once, and completely."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from qdash_builtin.home.model import BackupRequest
from qdash_builtin.timetables.activities import BUSY, DONE, KINDS, get_activity, make_activity, select_kind
from qdash_builtin.timetables.backups import BackupActivity
from qdash_builtin.timetables.digests import DigestActivity
from qdash_builtin.timetables.feature import FEATURE
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import ActivityFields, Became, TimetableActivity
from qdash_builtin.timetables.removals import RemovalActivity
from qdash_builtin.timetables.runs import RunActivity
from qdash_core import InvalidInputError


def test_each_field_of_a_timetable_has_one_kind_of_its_type() -> None:
    assert [kind.field for kind in KINDS] == [*ActivityFields.model_fields]
    for kind in KINDS:
        assert kind.request_type in get_args(ActivityFields.model_fields[kind.field].annotation)


def test_each_kind_has_outcomes_and_options_of_its_own() -> None:
    assert len(DONE) == len(KINDS)
    assert len(BUSY) == len(KINDS) - 1, "all but runs"
    assert {*get_args(Became)} == BUSY | DONE | {"missed", "skipped", "failed"}
    assert {one.name.removeprefix("timetable.") for one in FEATURE.events} >= DONE
    for kind in KINDS:
        assert kind.options.keys() >= {kind.selected_by, *kind.required}
        assert {
            field for field in kind.options.values() if field
        } <= kind.request_type.model_fields.keys() | {"keep"}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"chip_id", "flow"}, RunActivity),
        ({"chip_id"}, RunActivity),
        ({"chip_id", "digest", "since"}, DigestActivity),
        ({"keep"}, RemovalActivity),
        ({"backup", "keep"}, BackupActivity),
    ],
)
def test_options_select_a_kind(given: set[str], kind: type) -> None:
    assert select_kind(given) is kind


def test_the_activity_of_a_timetable_is_that_of_its_request() -> None:
    request = BackupRequest(folder="/backups")
    activity = get_activity(TimetableActivity(backup=request))
    assert activity == BackupActivity(request)
    assert str(activity) == "backups in /backups"


def test_a_timetable_without_one_activity_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="give one of request, digest, keep, backup, not none"):
        make_activity({})
    with pytest.raises(ValidationError, match="not digest and backup"):
        TimetableActivity(digest=DigestRequest(chip_id="a"), backup=BackupRequest(folder="/backups"))
