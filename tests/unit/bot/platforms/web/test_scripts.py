from __future__ import annotations

import shutil
import subprocess
from json import dumps

import pytest

from bot.platforms.web import scripts, words

ALL = ("SAVE", "FOLLOW", "COPY", "COPY_AGAIN", "ASK_FOR_CAMERA", "OPEN_CAMERA")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("name", ALL)
def test_each_is_one_function_of_javascript(name, tmp_path):
    asked = f"if (typeof ({getattr(scripts, name)}) !== 'function') process.exit(1);"
    (tmp_path / "script.js").write_text(asked, "utf-8")
    subprocess.run(["node", tmp_path / "script.js"], check=True, timeout=60)


def test_the_button_says_what_happened_and_then_its_name_again():
    assert f"return {dumps(words.COPIED)};" in scripts.COPY
    assert f"done({dumps(words.COPY)})" in scripts.COPY_AGAIN
