from __future__ import annotations

import json

import pytest
from PIL import Image

from training.runs.plots import PLOTS, draw, draw_history

REPLY = {
    **dict.fromkeys(("distinct_2", "emotion_fit", "generic", "repeated", "own_life"), 0.4),
    "rouge_l": 0.1,
}
FROM = {"generated": 0.2, "bank": 0.7, "fallback": 0.1, "crisis": 0.0}
FIGURES = {
    "text-emotion": {
        "distribution": {"train": {"joy": 30, "fear": 2}, "test": {"joy": 9, "fear": 1}},
        "f1": {"joy": 0.7, "fear": 0.3},
        "support": {"joy": 9, "fear": 1},
    },
    "face-emotion": {
        "distribution": {"test": {"happy": 3, "sad": 0}},
        "confusion": {"happy": [2, 1], "sad": [0, 0]},
        "reliability": {"confidence": [0.4, 0.9], "accuracy": [0.5, 0.8], "faces": [3, 9]},
        "calibration_error": 0.1,
    },
    "face-detection": {"outcomes": {"upright": {"read": 3, "no_face": 1}, "none": {"no_face": 2}}},
    "toxicity": {
        "histogram": {"harmless": [9, 1], "toxic": [1, 9]},
        "thresholds": {"toxicity": 0.4},
    },
    "response": {"perplexity": 20.0, "human": REPLY, "pipeline": REPLY | FROM},
}


@pytest.mark.parametrize("task", PLOTS)
def test_each_plot_of_a_task_is_a_picture_with_something_in_it(task, tmp_path):
    drawn = draw(task, FIGURES[task], tmp_path / "plots")
    assert len(drawn) == len(PLOTS[task])
    for path in drawn:
        with Image.open(path) as image:
            assert min(image.size) > 300
            assert len(image.convert("RGB").getcolors(1 << 20)) > 10


def test_the_same_figures_give_the_same_file(tmp_path):
    [one] = draw("toxicity", FIGURES["toxicity"], tmp_path / "one")
    [other] = draw("toxicity", FIGURES["toxicity"], tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()


def test_a_task_without_plots_has_none(tmp_path):
    assert draw("relevance", {}, tmp_path) == []


def test_the_history_of_a_run_is_drawn_from_its_metrics(tmp_path):
    run = tmp_path / "mine"
    run.mkdir()
    assert draw_history(run, tmp_path) is None
    lines = [{"epoch": n, "loss": 1.0 / n, "dev_f1": 0.1 * n} for n in (1, 2)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    drawn = draw_history(run, tmp_path)
    assert drawn == tmp_path / "history_mine.png"
    with Image.open(drawn) as image:
        assert image.size[0] > 300


def test_a_run_without_epochs_is_drawn_along_its_steps(tmp_path):
    run = tmp_path / "mine" / "adapter-run"
    run.mkdir(parents=True)
    lines = [{"step": 50, "loss": 3.0}, {"step": 60, "dev_perplexity": 20.0}, {"note": 1}]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    drawn = draw_history(run, tmp_path, name="mine/adapter-run")
    assert drawn == tmp_path / "history_mine_adapter-run.png"


def test_a_run_that_finished_no_epoch_has_no_history(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"thresholds": {}}\n')
    assert draw_history(tmp_path, tmp_path) is None
