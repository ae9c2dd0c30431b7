"""Tests of the plugin."""

from types import SimpleNamespace

import pytest
from qdash_core import Parameter, TaskOutput, load_plugins

from my_plugin import MyPluginValidator


@pytest.mark.parametrize(("t1_us", "number"), [(4.0, 1), (6.0, 0)])
def test_a_short_relaxation_time_is_flagged(t1_us, number):
    output = TaskOutput({"t1": Parameter(t1_us, 0.1, "us")})
    assert len(MyPluginValidator().validate(SimpleNamespace(output=output))) == number


def test_it_is_installed():
    assert "my-plugin" in {one.name for one in load_plugins().validators()}
