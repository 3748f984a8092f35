"""The parts of the page and where they stand; what they do is in ``page``."""

from __future__ import annotations

from dataclasses import dataclass, field

import gradio as gr

from bot.platforms.web import panel, words
from bot.platforms.web.examples import SENTENCES, has_portrait
from bot.platforms.web.theme import LOGO

MAX_TEXT = 4000
"""Characters of one message."""


@dataclass
class Conversation:
    """Where visitor and bot talk."""

    chat: gr.Chatbot
    box: gr.Textbox
    examples: gr.Accordion
    sentences: list[gr.Button]


@dataclass
class PictureTray:
    """Where a picture comes from, once its visitor has allowed it."""

    allow: gr.Checkbox
    tray: gr.Column
    upload: gr.UploadButton
    use_camera: gr.Button
    samples: dict[str, gr.Button]
    camera: gr.Image
    trouble: gr.Textbox = field(repr=False)
    """Carries the browser's name for what is wrong with its camera."""
    chosen: gr.Row
    picture: gr.HTML
    remove: gr.Button


@dataclass
class Reading:
    """What was read in the last message."""

    panel: gr.HTML
    whole: gr.Accordion
    raw: gr.HTML
    copy: gr.Button


@dataclass
class Privacy:
    """What becomes of the conversation."""

    keep: gr.Checkbox
    export: gr.Button
    forget: gr.Button
    file: gr.Textbox = field(repr=False)
    """Carries the export to the browser, which saves it; no file is written here."""


@dataclass
class Parts:
    """Everything on the page."""

    talk: Conversation
    picture: PictureTray
    reading: Reading
    privacy: Privacy


def layout() -> Parts:
    """Put all parts on the page; called inside ``gr.Blocks``."""
    gr.HTML(
        f"<header class='eb-head'><h1>{LOGO}{words.TITLE}</h1><p>{words.TAGLINE}</p>"
        f"<p class='eb-quiet'>{words.NOTICE}</p></header>"
    )
    with gr.Row(elem_id="eb-columns"):
        with gr.Column(scale=3, min_width=320):
            talk = _conversation()
            picture = _picture()
        with gr.Column(scale=2, min_width=300):
            reading = _reading()
            privacy = _privacy()
    return Parts(talk, picture, reading, privacy)


def _conversation() -> Conversation:
    with gr.Column(elem_id="eb-talk", elem_classes="eb-card"):
        chat = gr.Chatbot(
            label=words.CONVERSATION,
            show_label=False,
            elem_id="eb-chat",
            height=None,
            autoscroll=False,  # to the end of an answer; see ``scripts.FOLLOW``
            placeholder=words.FIRST,
            render_markdown=False,  # what people write is text, whatever it looks like
            layout="bubble",
            buttons=[],
            feedback_options=None,
        )
        examples, sentences = _examples()
        box = gr.Textbox(
            label=words.BOX_LABEL,
            placeholder=words.BOX_HINT,
            elem_id="eb-box",
            lines=1,
            max_lines=6,
            max_length=MAX_TEXT,
            submit_btn=words.SEND,
        )
    return Conversation(chat, box, examples, sentences)


def _examples() -> tuple[gr.Accordion, list[gr.Button]]:
    with gr.Accordion(words.EXAMPLES, elem_id="eb-examples") as examples, gr.Row():
        sentences = [gr.Button(sentence, size="sm", min_width=0) for sentence in SENTENCES]
    return examples, sentences


def _picture() -> PictureTray:
    with gr.Column(elem_id="eb-picture", elem_classes="eb-card"):
        allow = gr.Checkbox(
            label=words.ALLOW, info=words.ALLOW_INFO, container=False, elem_id="eb-allow"
        )
        with gr.Column(visible=False, elem_id="eb-tray") as tray:
            with gr.Row(elem_id="eb-sources"):
                upload = gr.UploadButton(
                    words.UPLOAD, file_types=["image"], size="sm", elem_id="eb-upload"
                )
                use_camera = gr.Button(words.CAMERA, size="sm")
                samples = {}
                if has_portrait():
                    samples["portrait"] = gr.Button(words.PORTRAIT, size="sm")
                samples["drawing"] = gr.Button(words.DRAWING, size="sm")
            camera = gr.Image(
                label=words.CAMERA_LABEL,
                sources=["webcam"],
                type="filepath",
                image_mode=None,  # the file itself, so that reading it can delete it
                height=320,
                visible=False,
                elem_id="eb-camera",
            )
            trouble = gr.Textbox(visible=False)
            with gr.Row(visible=False, elem_id="eb-chosen") as chosen:
                picture = gr.HTML()
                remove = gr.Button(words.REMOVE, size="sm")
    return PictureTray(
        allow, tray, upload, use_camera, samples, camera, trouble, chosen, picture, remove
    )


def _reading() -> Reading:
    read = gr.HTML(panel.empty(), elem_id="eb-reading")
    with gr.Accordion(
        words.JSON_LABEL, open=False, visible=False, elem_id="eb-json", elem_classes="eb-card"
    ) as whole:
        raw = gr.HTML()
        copy = gr.Button(words.COPY, size="sm")
    return Reading(read, whole, raw, copy)


def _privacy() -> Privacy:
    with gr.Column(elem_id="eb-privacy", elem_classes="eb-card"):
        gr.HTML(f"<h2>{words.YOURS}</h2>")
        keep = gr.Checkbox(
            label=words.KEEP, info=words.KEEP_INFO, container=False, elem_id="eb-keep"
        )
        with gr.Row():
            export = gr.Button(words.EXPORT, size="sm", min_width=0)
            forget = gr.Button(words.FORGET, size="sm", min_width=0)
        file = gr.Textbox(visible=False)
    return Privacy(keep, export, forget, file)
