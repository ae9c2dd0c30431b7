"""HTTP routes of the dashboard for its pages in the browser, authenticated by the session cookie."""
