"""Dashboard of QDash, made with Streamlit: a client of the HTTP host that never opens a store."""
