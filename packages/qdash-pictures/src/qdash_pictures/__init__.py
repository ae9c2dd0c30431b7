"""Hand-written Plotly figures, as JSON, of chips, schedules and raw data, and thumbnails of any figure as SVG."""
