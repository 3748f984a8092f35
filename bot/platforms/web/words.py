"""What the page itself says, beside what the bot says."""

from __future__ import annotations

from typing import Final

TITLE: Final = "EmotiBot"
TAGLINE: Final = "Tell me how you are. I read the emotion in your words and answer."
NOTICE: Final = (
    "I am a computer program, not a person and not a clinician. I guess at feelings, I can be "
    "wrong, and I am no help in an emergency: <strong>/helpline</strong> names people who are."
)
CONVERSATION: Final = "Conversation"
FIRST: Final = "Write how you are, or choose one of the sentences below."
BOX_LABEL: Final = "Your message"
BOX_HINT: Final = "How are you today?"
SEND: Final = "Send"
EXAMPLES: Final = "Try one of these"

ALLOW: Final = "You may also read the expression on my face"
ALLOW_INFO: Final = (
    "Pictures of yourself only. Each is looked at once and never kept. Without this tick I read "
    "your words alone, and you cannot send me a picture."
)
UPLOAD: Final = "Choose a picture"
CAMERA: Final = "Use the camera"
CAMERA_LABEL: Final = "Camera"
CAMERA_REFUSED: Final = (
    "This page may not use the camera; allow it in the browser's settings, or choose a picture."
)
CAMERA_MISSING: Final = "The browser found no camera it can use; choose a picture instead."
CAMERA_INSECURE: Final = (
    "A browser lends its camera only to https pages and to this machine's own; choose a picture."
)
PORTRAIT: Final = "Try an astronaut"
DRAWING: Final = "Try a drawing"
REMOVE: Final = "Remove the picture"
CHOSEN: Final = "This picture goes with your next message."
PICTURE_ALONE: Final = "(a picture)"
WITH_PICTURE: Final = "(with a picture)"

READING: Final = "What was read"
IN_WORDS: Final = "In your words"
IN_PICTURE: Final = "In your picture"
THE_ANSWER: Final = "The answer"
NOTHING_YET: Final = (
    "Nothing yet. Once you have written, you see here which emotions were read in your words, how "
    "sure that is, what was read in your picture, and what the safety filter said of the answer."
)
SAVE: Final = "Save"
SHOWN: Final = "What the answer tells, as a picture"
NO_MODEL: Final = "No model read this message: it got a fixed answer."
NO_EMOTION: Final = "No emotion stands out in these words."
NO_WORDS: Final = "There were no words to read."
NOTHING_READ: Final = "There was nothing to read a feeling from."
JSON_LABEL: Final = "The whole result as JSON"
COPY: Final = "Copy"
COPIED: Final = "Copied"

YOURS: Final = "Your conversation"
KEEP: Final = "Keep it for when I come back"
KEEP_INFO: Final = (
    "Without this tick it is erased when you close this page. With it, this browser finds it again "
    "until the demo is stopped."
)
EXPORT: Final = "Save it as a file"
FORGET: Final = "Forget it now"

THINKING: Final = "Thinking about it …"


def in_line(ahead: int) -> str:
    """Where a message stands while others wait before it."""
    if ahead == 0:
        return THINKING
    return f"You are number {ahead + 1} in the line …"


def no_camera(error: str) -> str:
    """Why there is no picture from the camera, by the browser's name for the error."""
    reasons = {"NotAllowedError": CAMERA_REFUSED, "TypeError": CAMERA_INSECURE}
    return reasons.get(error, CAMERA_MISSING)


SOURCES: Final = {
    "text_only": "from your words alone",
    "image_only": "from your face alone",
    "fused_aligned": "your words and your face agree",
    "fused_conflict": "your words and your face disagree; your words count more",
    "neutral": "nothing stands out",
}
"""By ``FusionSource``."""

WRITTEN_BY: Final = {
    "generated": "the generator",
    "bank": "our own sentences",
    "fallback": "our sentences for when nothing else fits",
    "crisis": "a fixed text",
}
"""By ``ReplySource``."""
