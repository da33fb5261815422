"""Models behind an OpenAI-compatible server: address, key, client, stream, faults."""
