from __future__ import annotations

import os

# Nothing is fetched in a test: what a test needs, it makes.
os.environ["HF_HUB_OFFLINE"] = "1"
