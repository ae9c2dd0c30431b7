"""Prefect runner: Prefect schedules runs and assigns them to workers; QDash's store stays the only record."""
