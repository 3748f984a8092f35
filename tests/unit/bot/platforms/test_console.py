from __future__ import annotations

import io

import pytest
from rich.console import Console as Screen

from bot.errors import PlatformRejected
from bot.messages import Button, ConversationKey, File, OutgoingMessage
from bot.platforms.console import Console, bars
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import TurnInput


class Talk:
    """A console over given lines, whose messages are answered at once with their own text."""

    def __init__(self, lines: str) -> None:
        self.out = io.StringIO()
        self.console = Console(io.StringIO(lines), Screen(file=self.out, width=80))
        self.accepted = []

    async def accept(self, message):
        self.accepted.append(message)
        await self.console.send(
            OutgoingMessage(
                key=message.key,
                text=f"answer to {message.text or message.photo}",
                reply_to=message.message_id,
                nonce="r1.0",
            )
        )

    async def run(self) -> str:
        async with self.console.opened():
            await self.console.receive(self.accept)
        return self.out.getvalue()


async def test_each_line_is_answered_in_order_until_the_input_ends():
    out = await Talk("hello\nhow are you\n").run()
    assert out.index("answer to hello") < out.index("answer to how are you")


async def test_quit_ends_and_blank_lines_are_skipped():
    talk = Talk("\n  \none\n/quit\ntwo\n")
    await talk.run()
    assert [m.text for m in talk.accepted] == ["one"]


async def test_image_sends_a_picture_with_the_words_after_its_path(tmp_path):
    (tmp_path / "my face.jpg").write_bytes(b"picture")
    talk = Talk(f"/image '{tmp_path}/my face.jpg' that is me\n")
    await talk.run()
    [message] = talk.accepted
    assert message.text == "that is me"
    assert await talk.console.fetch(message.photo) == b"picture"


@pytest.mark.parametrize("line", ["/image", "/image nowhere.jpg", "/image 'never ends"])
async def test_a_path_without_a_file_is_answered_by_a_sentence(line):
    talk = Talk(f"{line}\n")
    out = await talk.run()
    assert "no file at that path" in out
    assert talk.accepted == []


async def test_every_message_has_an_id_of_its_own_and_one_conversation():
    talk = Talk("a\nb\n")
    await talk.run()
    first, second = talk.accepted
    assert first.message_id != second.message_id
    assert first.key == second.key


async def test_a_picture_that_vanished_is_rejected():
    with pytest.raises(PlatformRejected, match="cannot be read"):
        await Talk("").console.fetch("/nowhere.jpg")


def test_bars_show_words_face_and_both():
    [result] = ScriptedPipeline().run([TurnInput(text="so happy", image=b"x")])
    shown = bars(result.to_dict()).plain
    assert "joy" in shown
    assert "face: happy" in shown
    assert "90%" in shown
    assert "that reads as joy (fused aligned)" in shown


async def test_what_is_in_square_brackets_is_printed_as_it_is():
    out = await Talk("[bold]not markup[/bold]\n").run()
    assert "answer to [bold]not markup[/bold]" in out


async def test_buttons_are_shown_as_what_may_be_typed(tmp_path):
    out = await handed_over(tmp_path, buttons=(Button("Yes, look", "/face yes"),))
    assert "/face yes" in out
    assert "Yes, look" in out


async def test_a_file_is_written_beside_those_that_are_there(tmp_path):
    (tmp_path / "mine.json").write_text("older")
    out = await handed_over(tmp_path, file=File("mine.json", b"{}"))
    assert (tmp_path / "mine-2.json").read_bytes() == b"{}"
    assert (tmp_path / "mine.json").read_text() == "older"
    assert "mine-2.json" in out


async def handed_over(folder, **more):
    out = io.StringIO()
    console = Console(io.StringIO(), Screen(file=out, width=500), folder)
    key = ConversationKey("console", "local", "me")
    await console.send(OutgoingMessage(key=key, text="here", reply_to="1", nonce="r1.0", **more))
    return out.getvalue()
