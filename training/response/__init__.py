"""Training of the reply generator: tokenizer, base and LoRA adapter."""
