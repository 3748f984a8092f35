"""Text emotion: 27 labels, on GoEmotions (Demszky et al., 2020)."""
