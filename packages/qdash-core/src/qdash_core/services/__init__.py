"""Services of features, each opened with the application at its first use."""
