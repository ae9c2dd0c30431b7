"""Hand-written Plotly figures of chips, schedules and raw data, and thumbnails.

Figures are Plotly JSON. `chip_map` draws the values of a metric with `chip_targets` and `value_scale`,
`schedule_timeline` plans and runs, `points` raw data whose task draws nothing, and `thumbnail` any figure as a small SVG.
"""
