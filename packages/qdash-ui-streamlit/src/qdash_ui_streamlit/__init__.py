"""The dashboard of QDash: a client of the HTTP host, drawn with Streamlit. It never opens a store."""
