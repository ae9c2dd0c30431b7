"""Parts of requests as users write them: path parameters, options, texts and their pictures."""
