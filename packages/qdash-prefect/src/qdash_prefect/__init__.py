"""The Prefect runner: Prefect brings runs to workers, tells the time and shows a page; what is true stands in QDash's store."""
