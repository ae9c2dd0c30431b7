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
<p>The link to this page ends in <code>#CODE</code>. The code is valid once, for 24 hours. Set your password in the
dashboard, if it runs, or from a terminal:</p>
<pre>curl -X POST HOST/auth/setup -H 'Content-Type: application/json' \\
     -d '{"code": "CODE", "password": "PASSWORD"}'</pre>
<p>HOST is the part of the link before <code>/auth</code>. The response contains a token: send it with each request as
<code>Authorization: Bearer TOKEN</code>. Afterwards, log in with <code>POST /auth/login</code>.</p>
</html>
"""
