"""Parts of requests as users write them: path parameters, options, times, values."""
