"""Training and evaluation of the relevance model: which reply answers which message."""
