"""Login form, which posts to a route of the dashboard that sets an HTTP-only cookie."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_HTML = """<form class="login">
<h1>Log in</h1>
<label>User <input name="username" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<p role="alert"></p>
<p class="first">First login? Open your set-up link. An administrator of the host creates it; the host prints the link of the first user.</p>
</form>"""
_login = make_component(__file__, html=_HTML, parts=("lost_server", "sentences"))


def login(*, has_ended: bool) -> None:
    """Show the form; after the login the same URL shows its page.

    `has_ended`: the login session of the browser is not valid any more.
    """
    _login(key="qdash.login", data={"has_ended": has_ended})
