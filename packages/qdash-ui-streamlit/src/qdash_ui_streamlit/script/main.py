"""Script that Streamlit runs for each user, again after each interaction."""

from qdash_ui_streamlit.dashboard import draw_dashboard

draw_dashboard()
