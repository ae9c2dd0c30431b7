"""Options of calls: copies of an operation with a version, a key or a page; and the parameters that requests have."""

from __future__ import annotations

import pytest

from qdash_builtin.issues.operations import edit_issue, list_issues, open_issue
from qdash_builtin.review.operations import list_review
from qdash_core.errors import InvalidInputError
from qdash_core.operations.parameters import Place, list_parameters


def test_an_option_is_in_a_copy_of_the_operation() -> None:
    assert edit_issue.at_version('"a"').options.version == '"a"'
    assert open_issue.once("k").options.key == "k"
    page = list_issues.paged(limit=2, after="b").options
    assert (page.limit, page.after) == (2, "b")
    assert edit_issue.options.version is open_issue.options.key is list_issues.options.limit is None


def test_an_option_that_the_operation_does_not_take_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="list_issues takes no version"):
        list_issues.at_version('"a"')
    with pytest.raises(InvalidInputError, match="edit_issue takes no idempotency key"):
        edit_issue.once("k")
    with pytest.raises(InvalidInputError, match="edit_issue takes no page"):
        edit_issue.paged(limit=2)


def test_each_parameter_has_its_place_and_name_in_the_request() -> None:
    found = {one.name: (one.sent_as, one.place) for one in list_parameters(edit_issue)}
    assert found == {"issue_id": ("issue_id", Place.PATH), "body": ("body", Place.BODY)}
    assert [one.place for one in list_parameters(list_issues)] == [Place.FILTERS]
    assert {one.name: one.sent_as for one in list_parameters(list_review)}["every_state"] == "all"
