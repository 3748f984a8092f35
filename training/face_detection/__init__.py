"""Whether faces are found at all: synthetic scenes with known places, and what is found in them."""
