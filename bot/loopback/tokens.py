"""What opens a loopback server and nothing else; known without loading the server."""

from __future__ import annotations

from typing import Final

TELEGRAM: Final = "123456:TEST-token-for-loopback-only"
