"""What Streamlit runs for each person, again at each thing that they do."""

from qdash_ui_streamlit.dashboard import draw

draw()
