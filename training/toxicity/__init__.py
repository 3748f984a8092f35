"""Toxicity: six Jigsaw labels, in a checkpoint that the Detoxify library loads."""
