"""How the page looks: colours for light and dark, and fonts that every machine has."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

import gradio as gr

LOGO: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true">'
    '<circle cx="16" cy="16" r="15" fill="#0f766e"/>'
    '<circle cx="11" cy="13" r="2.2" fill="#fff"/><circle cx="21" cy="13" r="2.2" fill="#fff"/>'
    '<path d="M9.5 19.5q6.5 7 13 0" fill="none" stroke="#fff" stroke-width="2.4" '
    'stroke-linecap="round"/></svg>'
)
STYLE: Final = (Path(__file__).parent / "page.css").read_text("utf-8")
HEAD: Final = f'<link rel="icon" href="data:image/svg+xml,{quote(LOGO)}"><style>{STYLE}</style>'
"""The style stands in the head as it is: Gradio's own way rewrites its selectors."""
FONT: Final = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONO: Final = ("ui-monospace", "SFMono-Regular", "Consolas", "monospace")


def theme() -> gr.Theme:
    """Gradio's plain theme with our colours; nothing is fetched for it."""
    return gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="slate",
        radius_size="lg",
        font=FONT,
        font_mono=MONO,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_400",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        input_border_width="1px",
        input_border_color="*neutral_400",
        input_border_color_dark="*neutral_500",
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        checkbox_background_color_selected="*primary_700",
        checkbox_background_color_selected_dark="*primary_600",
        checkbox_border_color_selected="*primary_700",
        button_secondary_text_color="*neutral_800",
        button_secondary_text_color_dark="*neutral_100",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        block_shadow="0 1px 2px rgb(15 23 42 / 6%)",
    )
