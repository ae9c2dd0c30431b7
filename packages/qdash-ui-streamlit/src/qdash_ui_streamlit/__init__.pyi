from qdash_ui_streamlit.components.table import Column as Column
from qdash_ui_streamlit.components.table import table as table
from qdash_ui_streamlit.page import arrange_pages as arrange_pages
from qdash_ui_streamlit.view import View as View
