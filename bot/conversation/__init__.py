"""What happens to a message: accepted, handled, posted."""

from __future__ import annotations
