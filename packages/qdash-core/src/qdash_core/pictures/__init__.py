"""Pictures: what is known of a chip, a plan or a measurement, as Plotly JSON."""
