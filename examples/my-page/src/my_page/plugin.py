"""Plugin of this distribution. Heavy modules are imported inside the functions."""

from types import SimpleNamespace

from qdash_core import hookimpl

QDASH_PLUGIN_API = 1


@hookimpl
def qdash_dashboard_pages():
    from my_page.short_t1 import render

    return [SimpleNamespace(title="Short T1", icon=":material/timer:", group="Metrics", render=render)]
