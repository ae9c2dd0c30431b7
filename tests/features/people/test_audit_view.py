"""View models of the audit log: the words of an entry."""

from __future__ import annotations

from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_builtin.people.views.audit import AuditDocument


def make_entry(n_fields: int, n_further: int = 0, operation: str = "change_role") -> AuditDocument:
    changes = [FieldChange(field=f"f{number}", before=None, after=str(number)) for number in range(n_fields)]
    row = AuditModel(
        request_id="r",
        method="PATCH",
        path="/users/bob",
        operation=operation,
        changes=changes,
        n_further_changes=n_further,
    )
    return AuditDocument.from_record(row)


def test_changes_that_are_not_shown_are_counted() -> None:
    assert make_entry(0).describe_changes() == ""
    assert make_entry(2).describe_changes() == "f0: – → 0; f1: – → 1"
    assert make_entry(3).describe_changes(most=1) == "f0: – → 0; and 2 more"
    assert make_entry(3, n_further=4).describe_changes(most=2) == "f0: – → 0; f1: – → 1; and 5 more"


def test_an_unknown_operation_is_named_by_its_method() -> None:
    assert (make_entry(0).action, make_entry(0, operation="").action) == ("change role", "PATCH")
