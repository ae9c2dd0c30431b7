"""`--input` of `qdash task run`: inputs that replace the chip's values in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.request import GivenInput
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN

if TYPE_CHECKING:
    import pytest

    from ...cli.conftest import InProcess

RUN = ("task", "run", "Needy", "--chip", "a", "--qid", "0", "--detach")


def test_inputs_are_requested_with_their_errors(lab: InProcess) -> None:
    lab.does(*RUN, "--input", "t2=45.2±0.8")
    with open_qdash() as qdash:
        (execution,) = qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.request is not None
    assert execution.request.inputs == {"t2": GivenInput(value=45.2, error=0.8)}


def test_what_is_no_input_is_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for given, said in [
        (("t2",), "is not a value"),
        (("t2=1", "t2=2"), "t2 is given twice"),
        (("speed=1",), "no task of this run has such an input"),
    ]:
        with subtests.test(str(given)):
            refused = lab.run_refused(*RUN, *(part for one in given for part in ("--input", one)))
            assert said in refused
