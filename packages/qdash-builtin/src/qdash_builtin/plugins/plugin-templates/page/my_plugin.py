"""Page of the dashboard, with the chips of the project."""

from types import SimpleNamespace

from qdash_core import hookimpl


def render(view):
    """Draw the page for a user: `view` asks the host."""
    import streamlit as st
    from qdash_builtin.chips import list_chips

    st.header("My plugin")
    for chip in view.every(list_chips):
        st.write(f"{chip.chip_id}: {chip.backend}")


@hookimpl
def qdash_dashboard_pages():
    return [SimpleNamespace(title="My plugin", icon=":material/extension:", group="Plugins", render=render)]
