"""Statistics of recorded values: change points, drift and spread of series, histograms, correlations. Numbers in, numbers out."""
