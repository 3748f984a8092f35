"""What the browser does by itself, as functions of JavaScript that Gradio calls."""

from __future__ import annotations

from json import dumps
from typing import Final

from bot.platforms.web import words

SAVE: Final = """(text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
    link.download = "emotibot-conversation.json";
    link.click();
    URL.revokeObjectURL(link.href);
}"""
"""Saves a text as a file."""

FOLLOW: Final = """() => {
    const log = document.querySelector("#eb-chat [role='log']");
    new MutationObserver(() => {
        const asked = [...log.querySelectorAll(".user-row")].at(-1);
        if (!asked) return;
        log.scrollTop += asked.getBoundingClientRect().top - log.getBoundingClientRect().top;
    }).observe(log, {childList: true, characterData: true, subtree: true});
}"""
"""Keeps the last message in sight: a long answer is seen from its beginning, where the help is."""

COPY: Final = f"""async () => {{
    const shown = document.querySelector("#eb-json pre");
    if (navigator.clipboard) {{
        await navigator.clipboard.writeText(shown.textContent);
    }} else {{  // a page that came over plain HTTP from another machine has none
        getSelection().selectAllChildren(shown);
        document.execCommand("copy");
    }}
    return {dumps(words.COPIED)};
}}"""
"""Copies the result; returns what the button says then."""

COPY_AGAIN: Final = f"""
() => new Promise((done) => setTimeout(() => done({dumps(words.COPY)}), 2000))
"""
"""What the button says after a while."""

ASK_FOR_CAMERA: Final = """async () => {
    try {
        const stream = await navigator.mediaDevices.getUserMedia({video: true});
        stream.getTracks().forEach((track) => track.stop());
        return "";
    } catch (error) {
        return error.name;
    }
}"""
"""Asks whether the page may see through the camera; returns the name of the error, if any."""

OPEN_CAMERA: Final = """async (trouble) => {
    for (let tries = 0; trouble === "" && tries < 100; tries += 1) {
        const start = document.querySelector("#eb-camera [title='grant webcam access'] button");
        if (start) return void start.click();
        await new Promise((done) => setTimeout(done, 20));
    }
}"""
"""Gradio's camera waits for one more click, which the visitor has made already."""
