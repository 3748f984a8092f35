"""What was read in a message, drawn as HTML of our own: it needs nothing from outside.

Every colour stands beside a word or a number that says the same.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from io import BytesIO
from typing import Any, Final

from PIL import Image

from bot.messages import File
from bot.platforms.web import words
from bot.platforms.web.visits import Exchange
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup

GHOST: Final = (
    '<li class="eb-bar"><span class="eb-ghost"></span><span class="eb-ghost"></span></li>'
)
"""Where a line of facts will stand."""


def empty() -> str:
    """The panel before anything was said."""
    ghosts = "".join(
        f'<li class="eb-bar"><span class="eb-ghost"></span><span class="eb-track">'
        f'<span class="eb-fill" style="width:{width}%"></span></span></li>'
        for width in (80, 45, 25)
    )
    return _panel(
        f'<p class="eb-quiet">{words.NOTHING_YET}</p><div class="eb-ghosts" aria-hidden="true">'
        f'<h3>{words.IN_WORDS}</h3><ul class="eb-bars">{ghosts}</ul>'
        f'<h3>{words.IN_PICTURE}</h3><div class="eb-ghost-face"></div>'
        f'<h3>{words.THE_ANSWER}</h3><ul class="eb-bars">{3 * GHOST}</ul></div>'
    )


def panel(exchange: Exchange, picture: bytes | None = None) -> str:
    """Everything read for an answered message; ``picture`` is the JPEG that was sent with it."""
    result = exchange.result()
    if result is None:
        file = exchange.answer.file if exchange.answer is not None else None
        return _panel(f'<p class="eb-quiet">{words.NO_MODEL}</p>{_attached(file) if file else ""}')
    analysis, metadata = result["emotion_analysis"], result["metadata"]
    said = bool(exchange.text.strip())
    parts = [
        _fused(analysis["fused_emotion"], from_something=said or analysis["image_emotion"]),
        _words(analysis["text_emotions"], said=said),
        _face(analysis["image_emotion"], metadata.get("face"), picture),
        _safety(result["safety"], metadata),
    ]
    return _panel("".join(parts))


def thumbnail(picture: bytes) -> str:
    """The picture that goes with the next message."""
    return (
        '<figure class="eb-chosen">'
        f'<img src="{_data(picture)}" alt="The picture you chose">'
        f"<figcaption>{words.CHOSEN}</figcaption></figure>"
    )


def code(text: str) -> str:
    """A text as it is, in a box that can be scrolled by keyboard."""
    label = f'role="region" aria-label="{words.JSON_LABEL}" tabindex="0"'
    return f'<pre class="eb-code" {label}>{escape(text)}</pre>'


def note(sentence: str) -> str:
    """A sentence about a picture that cannot be used."""
    return f'<p class="eb-note" role="alert">{escape(sentence)}</p>'


def _panel(inside: str) -> str:
    return (
        f'<section class="eb-panel" aria-label="{words.READING}">'
        f"<h2>{words.READING}</h2>{inside}</section>"
    )


def _attached(file: File) -> str:
    """A file that came with an answer: to be saved, and to be seen where it is a picture."""
    name, data = escape(file.name), b64encode(file.data).decode()
    link = f'download="{name}" href="data:application/octet-stream;base64,{data}"'
    save = f'<p><a class="eb-file" {link}>{words.SAVE} {name}</a></p>'
    if not file.name.endswith(".png"):
        return save
    return f'<img class="eb-shown" src="data:image/png;base64,{data}" alt="{words.SHOWN}">{save}'


def _fused(fused: Mapping[str, Any], *, from_something: object) -> str:
    if not from_something:
        return f'<p class="eb-verdict">{words.NOTHING_READ}</p>'
    emotion, confidence = fused["primary_emotion"], fused["confidence"]
    return (
        f'<div class="eb-fused eb-{_tone(emotion)}">'
        f'<p class="eb-verdict">This reads as <strong>{escape(emotion)}</strong></p>'
        f'<p class="eb-why">{confidence:.0%} sure, {words.SOURCES[fused["source"]]}</p>'
        "</div>"
    )


def _words(found: list[Mapping[str, Any]], *, said: bool) -> str:
    if found:
        body = "".join(_bar(one["emotion"], one["confidence"]) for one in found)
        body = f'<ul class="eb-bars" role="list">{body}</ul>'
    else:
        body = f'<p class="eb-quiet">{words.NO_EMOTION if said else words.NO_WORDS}</p>'
    return f"<h3>{words.IN_WORDS}</h3>{body}"


def _bar(emotion: str, confidence: float) -> str:
    return (
        f'<li class="eb-bar eb-{_tone(emotion)}"><span class="eb-name">{escape(emotion)}</span>'
        f'<span class="eb-track" aria-hidden="true"><span class="eb-fill" '
        f'style="width:{confidence:.1%}"></span></span>'
        f'<span class="eb-number">{confidence:.0%}</span></li>'
    )


def _face(
    found: Mapping[str, Any] | None, seen: Mapping[str, Any] | None, picture: bytes | None
) -> str:
    if seen is None:
        return ""
    caption = escape(seen["note"])
    if found is not None:
        read = f"<strong>{escape(found['emotion'])}</strong>, {found['confidence']:.0%} sure"
        caption = f"The expression reads as {read}. {caption}"
    drawn = _boxed(picture, seen["box"], found) if picture is not None else ""
    return (
        f'<h3>{words.IN_PICTURE}</h3><figure class="eb-face">{drawn}'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _boxed(picture: bytes, box: list[int] | None, found: Mapping[str, Any] | None) -> str:
    """The picture with the face's box and, where it has one, the name of its expression."""
    width, height = Image.open(BytesIO(picture)).size
    said = "with a box around the face that was found" if box else "no face is marked"
    size = f'width="{width}" height="{height}"'
    return (
        f'<svg viewBox="0 0 {width} {height}" {size} role="img" aria-label="Your picture, {said}">'
        f'<image href="{_data(picture)}" {size}/>'
        f"{_frame(box, found, width) if box else ''}</svg>"
    )


def _frame(box: list[int], found: Mapping[str, Any] | None, width: int) -> str:
    x, y, across, down = box
    line = max(2, width // 128)
    frame = (
        f'<rect class="eb-halo" x="{x}" y="{y}" width="{across}" height="{down}" '
        f'stroke-width="{2 * line}"/>'
        f'<rect class="eb-box" x="{x}" y="{y}" width="{across}" height="{down}" '
        f'stroke-width="{line}"/>'
    )
    if found is None:
        return frame
    size = max(12, width // 20)
    name = escape(found["emotion"])
    top = y - size * 1.5 if y > size * 1.5 else y + down
    return (
        f"{frame}"
        f'<rect class="eb-tag" x="{x}" y="{top}" width="{size * (0.66 * len(name) + 1)}" '
        f'height="{size * 1.5}"/>'
        f'<text class="eb-tag-text" x="{x + size * 0.5}" y="{top + size * 1.07}" '
        f'font-size="{size}">{name}</text>'
    )


def _safety(safety: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    scores: Mapping[str, float] = safety["toxicity_scores"]
    name, score = max(scores.items(), key=lambda item: item[1], default=("toxicity", 0.0))
    verdict = "✓ passed" if safety["is_safe"] else "✗ held back"
    highest = f"{escape(name.replace('_', ' '))} {score:.1%}"
    rows = {
        "Safety filter": f'{verdict} <span class="eb-quiet">(highest: {highest})</span>',
        "Comes from": words.WRITTEN_BY[metadata["reply_source"]],
        "Time": f"{metadata['processing_time']:.2f} s in the models",
    }
    body = "".join(f"<div><dt>{key}</dt><dd>{value}</dd></div>" for key, value in rows.items())
    return f'<h3>{words.THE_ANSWER}</h3><dl class="eb-facts">{body}</dl>'


def _tone(emotion: str) -> str:
    return GROUP_OF.get(emotion, EmotionGroup.NEUTRAL).value


def _data(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(picture).decode()}"
