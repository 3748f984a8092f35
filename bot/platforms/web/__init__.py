"""A page in the browser as a platform, drawn with Gradio."""

from __future__ import annotations

from bot.platforms.web.folder import passing_folder
from bot.platforms.web.platform import WebPlatform
from bot.platforms.web.server import Serving

__all__ = ["Serving", "WebPlatform", "passing_folder"]
