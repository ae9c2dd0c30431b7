"""Assistant that answers with a language model behind an OpenAI-compatible address."""
