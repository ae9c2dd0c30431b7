"""Time window of a page in the URL."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.forms.window import Window, read_window
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKYO = ZoneInfo("Asia/Tokyo")
EVENING = datetime(2026, 11, 29, 9, tzinfo=UTC)
"""18:00 in Tokyo."""


class Viewed(View):
    """View of a time and of query parameters."""

    at: datetime
    params: Mapping[str, str]

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def param(self, name: str) -> str | None:
        """Return a query parameter."""
        return self.params.get(name)


def make_view(at: datetime, **params: str) -> View:
    nothing: Any = None
    me: Any = SimpleNamespace(role=None)
    view = Viewed(nothing, me, "default", TOKYO)
    view.at, view.params = at, params
    return view


@pytest.mark.parametrize(
    ("hour", "since", "expected"),
    [
        (18, "18:00", Window(EVENING)),
        (18, "1h", Window(datetime(2026, 11, 29, 17, tzinfo=UTC))),
        (18, "last-night", Window(EVENING)),  # 03:00: it has not ended
        (10, "18:00", Window(EVENING)),  # 19:00: tonight has begun
        (
            10,
            "last-night",
            Window(datetime(2026, 11, 28, 9, tzinfo=UTC), datetime(2026, 11, 29, 3, tzinfo=UTC)),
        ),
    ],
)
def test_words_in_the_url_are_windows(hour: int, since: str, expected: Window) -> None:
    assert read_window(make_view(datetime(2026, 11, 29, hour, tzinfo=UTC), since=since)) == expected


def test_a_window_without_bounds_has_no_arguments() -> None:
    assert read_window(make_view(EVENING)).arguments() == {}


def test_the_cool_down_begins_when_the_page_says() -> None:
    view = make_view(EVENING, since="cooldown")
    assert read_window(view, lambda: EVENING).arguments() == {"since": EVENING}


def test_days_are_whole_days_in_the_time_zone_of_the_user() -> None:
    found = read_window(make_view(EVENING, since="2026-11-02", until="2026-11-03"))
    assert found == Window(datetime(2026, 11, 1, 15, tzinfo=UTC), datetime(2026, 11, 3, 15, tzinfo=UTC))


def test_another_text_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="invalid since=soon in the URL"):
        read_window(make_view(EVENING, since="soon"))


def draw(at: object) -> None:
    from types import SimpleNamespace
    from zoneinfo import ZoneInfo

    from qdash_ui_streamlit.forms.window import draw_night_arrows, draw_window
    from qdash_ui_streamlit.view import View

    connection: Any = SimpleNamespace(now=lambda: at)
    me: Any = SimpleNamespace(role=None)
    view = View(connection, me, "default", ZoneInfo("Asia/Tokyo"))
    draw_window(view)
    draw_night_arrows(view)


def open_window(**params: str) -> AppTest:
    test = AppTest.from_function(draw, args=(datetime(2026, 11, 29, 18, tzinfo=UTC),))
    for name, value in params.items():
        test.query_params[name] = value
    return test.run()


def test_arrows_lead_to_the_nights_before_and_back() -> None:
    test = open_window()
    before, after = test.button
    assert after.disabled
    before.click().run()
    assert test.query_params == {"since": "2026-11-28T09:00:00Z", "until": "2026-11-29T03:00:00Z"}
    assert test.selectbox[0].options[-2] == "night of 28 November"
    test.button[1].click().run()
    assert test.query_params == {}


def test_from_and_to_are_entered_after_they_are_chosen() -> None:
    test = open_window(since="last-night")
    assert test.selectbox[0].options == ["any time", "last hour", "tonight", "last night", "from .. to"]
    test.selectbox[0].select("between").run()
    assert test.query_params == {"since": "2026-11-28T18:00:00Z"}
    assert len(test.datetime_input) == 2
    test.selectbox[0].select("1h").run()
    assert test.query_params == {"since": "1h"}
