"""Record of the groups of commands, which their help shows."""

from __future__ import annotations

from qdash_core.cli.app import load_core_groups
from qdash_core.cli.recorded_groups import FILE, describe_groups, read_group


def test_the_help_of_a_group_lists_its_commands_as_they_are() -> None:
    as_they_are = describe_groups(load_core_groups())

    assert FILE.read_text("utf-8") == as_they_are, "run `python packages/qdash-core/samples/record_groups.py`"


def test_a_group_to_which_plugins_add_commands_is_not_recorded() -> None:
    assert read_group("issue") is not None
    assert read_group("store") is None
