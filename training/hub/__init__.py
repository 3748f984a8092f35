"""Public data sets from the hub: fetched by name, left as the files that the readers know."""
