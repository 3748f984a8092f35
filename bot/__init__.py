"""The service: platforms, conversation, engine, storage."""
