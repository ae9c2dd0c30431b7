"""Tests of the plugin."""

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest


def draw(view):
    from my_plugin import render

    render(view)


def test_it_lists_the_chips():
    view = SimpleNamespace(every=lambda _: [SimpleNamespace(chip_id="lab", backend="fake")])
    drawn = AppTest.from_function(draw, kwargs={"view": view}).run()
    assert [one.value for one in drawn.markdown] == ["lab: fake"]
    assert not drawn.exception
