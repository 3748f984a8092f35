from __future__ import annotations

import pytest

from training.text_emotion.args import TextEmotionArgs
from training.text_emotion.train import run


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A tiny GoEmotions: happy is joy (17), sad is sadness (25), rain is neutral (27)."""
    folder = tmp_path_factory.mktemp("data")
    rows = [("i am so happy today", "17"), ("i am so sad today", "25"), ("the rain today", "27")]
    for name, times in (("train", 40), ("dev", 5), ("test", 5)):
        lines = [f"{t} {w}\t{i}\tx" for t, i in rows for w in ["a", "the", "and", "you"] * times]
        extra = {"train": "good", "dev": "bad", "test": "day"}[name]
        (folder / f"{name}.tsv").write_text("".join(f"{extra} {line}\n" for line in lines))
    return folder


@pytest.fixture(scope="session")
def weights(tmp_path_factory, data, tiny_bert):
    args = TextEmotionArgs(
        data=data,
        out=tmp_path_factory.mktemp("runs") / "run",
        base=str(tiny_bert),
        epochs=3,
        batch_size=8,
        body_lr=5e-3,
        head_lr=5e-2,
        device="cpu",
        mixed_precision=False,
    )
    return run(args)
