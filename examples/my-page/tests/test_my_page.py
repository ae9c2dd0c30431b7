"""Specification of the page: its registration in the dashboard, and its contents."""

from qdash_core import load_plugins
from qdash_ui_streamlit import arrange_pages

from my_page.short_t1 import shortest


def test_the_dashboard_takes_the_page():
    pages = arrange_pages(load_plugins().pages())
    ours = next(page for page in pages.placed if page.title == "Short T1")
    assert (ours.path, ours.group, ours.icon) == ("short-t1", "Metrics", ":material/timer:")
    assert "Short T1" not in pages.set_aside


def test_the_shortest_come_first_and_what_is_not_known_is_left_out():
    qubits = {"0": {"t1": {"value": 80.0}}, "1": {}, "2": {"t1": {"value": 20.0, "error": 1.0, "unit": "us"}}}
    assert [row["qubit"] for row in shortest(qubits)] == ["2", "0"]
    assert shortest(qubits, shown=1) == [{"qubit": "2", "t1": (20.0, 1.0, "us"), "at": None}]
