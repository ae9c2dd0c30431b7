"""HTML page of a set-up link. The code after `#` stays in the browser; the page needs no script."""

from __future__ import annotations

SET_UP_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>Set up QDash</title>
<style>body { font: 16px/1.5 sans-serif; max-width: 44em; margin: 3em auto; padding: 0 1em }
pre { background: #eee; padding: 1em; overflow: auto }</style>
<h1>Set your password</h1>
<p>The link that led you here ends in <code>#CODE</code>. It sets one password, once, within a day. Set yours with the
dashboard, where it runs, or from a terminal:</p>
<pre>curl -X POST HOST/auth/setup -H 'Content-Type: application/json' \\
     -d '{"code": "CODE", "password": "PASSWORD"}'</pre>
<p>HOST is what stands before <code>/auth</code> in the link. The answer has a token: send it with each request as
<code>Authorization: Bearer TOKEN</code>. From then on you log in with <code>POST /auth/login</code>.</p>
</html>
"""
