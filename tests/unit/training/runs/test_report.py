from __future__ import annotations

import json
import re

import pytest

from emotibot_models.errors import ArtifactError
from training.runs.report import write_json, write_plots, write_report

FIGURES = {
    "toxicity": {
        "roc_auc": 0.9512,
        "comments": 7,
        "held_out_flagged": {"neutral": 0.0},
        "histogram": {"harmless": [3, 0], "toxic": [0, 4]},
        "thresholds": {"toxicity": 0.44},
    }
}


def test_each_task_leaves_its_figures_as_json(tmp_path):
    write_json({"text-emotion": {"f1": 0.5}}, tmp_path / "logs")
    left = tmp_path / "logs" / "text_emotion_metrics.json"
    assert json.loads(left.read_text()) == {"f1": 0.5}


def test_a_page_shows_headlines_hashes_tables_and_plots(tmp_path):
    weights = tmp_path / "weights"
    weights.mkdir()
    files = {"model.ckpt": "ab" * 32, "config.json": "cd" * 32}
    (weights / "manifest.json").write_text(json.dumps({"files": files}))
    page = write_report(FIGURES, {"toxicity": [str(weights)]}, tmp_path / "page", None).read_text()
    assert re.search(r"on 20\d\d-\d\d-\d\d \d\d:\d\d UTC at (commit [0-9a-f]{12}|no commit)", page)
    assert "| toxicity | roc_auc | 0.951 |" in page
    assert f"- toxicity: `model.ckpt` `{('ab' * 8)}`" in page
    assert "| neutral | 0.000 |" in page
    assert "(plots/toxicity_scores.png)" in page
    assert (tmp_path / "page" / "plots" / "toxicity_scores.png").is_file()
    assert (tmp_path / "page" / "toxicity_metrics.json").is_file()


def test_ways_to_answer_share_one_table(tmp_path):
    ways = {"human": {"distinct_1": 0.7}, "pipeline": {"distinct_1": 0.6, "bleu": 1.0}}
    figures = {"relevance": {"pairs": 3, **ways}}
    page = write_report(figures, {"relevance": ["a/hub-id"]}, tmp_path / "page", None).read_text()
    assert "| | human | pipeline |" in page
    assert "| bleu |  | 1.000 |" in page
    assert "- relevance: `a/hub-id`" in page


def test_a_task_names_all_weights_that_its_figures_depend_on(tmp_path):
    files = {"model.safetensors": "ab" * 32}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files}))
    sources = {"ranking": ["a/generator", str(tmp_path)]}
    page = write_report({}, sources, tmp_path / "page", None).read_text()
    assert f"- ranking: `a/generator`, `model.safetensors` `{'ab' * 8}`" in page


def test_a_damaged_manifest_is_an_error(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ArtifactError, match="is damaged"):
        write_report({}, {"toxicity": [str(tmp_path)]}, tmp_path / "page", None)


def test_runs_bring_their_histories(tmp_path):
    run = tmp_path / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "metrics.jsonl").write_text('{"epoch": 1, "loss": 1.0}\n')
    (tmp_path / "runs" / "notes.txt").write_text("no run")
    drawn = write_plots(FIGURES, tmp_path / "plots", tmp_path / "runs")
    assert [path.name for path in drawn] == ["toxicity_scores.png", "history_mine.png"]
    assert write_plots({}, tmp_path / "plots", tmp_path / "nowhere") == []
