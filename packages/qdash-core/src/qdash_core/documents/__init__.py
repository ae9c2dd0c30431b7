"""View models that commands, the host and the dashboard render, one class for each kind of response."""
