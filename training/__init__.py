"""Training and evaluation of every model, on the data as it is published."""
