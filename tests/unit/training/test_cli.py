from __future__ import annotations

import json
import re
import sys

import pytest
from typer.testing import CliRunner

from training import cli
from training.runs import card
from training.text_emotion import evaluate, train

RUNNER = CliRunner()


@pytest.fixture
def called(monkeypatch):
    """The arguments that a run was started with, without running it."""
    seen = []
    monkeypatch.setattr(train, "run", lambda args: seen.append(args) or args.out)
    monkeypatch.setattr(card, "write_card", lambda weights, args: weights)
    return seen


def start(tmp_path, *more: str):
    given = ["text-emotion", "--data", str(tmp_path), "--out", str(tmp_path / "run"), *more]
    return RUNNER.invoke(cli.train, given)


def test_a_recipe_a_config_file_and_options_are_laid_over_each_other(tmp_path, called):
    (tmp_path / "run.toml").write_text("epochs = 9\nbody_lr = 1e-5\n")
    more = ["--recipe", "reference", "--config", str(tmp_path / "run.toml"), "--base", "mine"]
    assert start(tmp_path, *more).exit_code == 0
    [args] = called
    assert (args.epochs, args.body_lr, args.batch_size, args.base) == (9, 1e-5, 16, "mine")


@pytest.mark.parametrize(
    ("config", "more", "said"),
    [
        ("epoch = 9", [], "no such argument: epoch"),
        ("epochs = 0", [], "at least 1"),
        ("", ["--recipe", "grandmother"], "--recipe must be one of"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_2(tmp_path, called, config, more, said):
    (tmp_path / "run.toml").write_text(config)
    result = start(tmp_path, "--config", str(tmp_path / "run.toml"), *more)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert called == []


def test_a_device_is_the_recipes_until_one_is_named(tmp_path, called):
    start(tmp_path)
    start(tmp_path, "--device", "cuda:1")
    assert [args.device for args in called] == ["auto", "cuda:1"]


def test_the_data_of_a_response_run_are_prepared_apart(tmp_path, monkeypatch):
    from training.response import train as response

    seen = []
    monkeypatch.setattr(response, "prepare", lambda args: seen.append(args) or args.out)
    asked = ["response-data", "--data", str(tmp_path), "--out", str(tmp_path / "run")]
    result = RUNNER.invoke(cli.train, asked)
    assert result.exit_code == 0
    [args] = seen
    assert (args.width, args.layers, args.decoder_layers) == (384, 8, 3)


def test_a_base_that_cannot_be_had_is_a_sentence_and_exit_code_2(tmp_path, monkeypatch):
    def unreachable(args):
        raise OSError("We couldn't connect\nto the hub.")

    monkeypatch.setattr(train, "run", unreachable)
    result = start(tmp_path)
    assert result.exit_code == 2
    assert "couldn't connect to the hub" in " ".join(result.output.split())


def test_missing_data_are_a_sentence_and_exit_code_2(tmp_path):
    result = start(tmp_path)
    assert result.exit_code == 2
    assert "has no GoEmotions" in " ".join(result.output.split())


def test_a_folder_that_is_not_there_is_a_sentence_and_exit_code_2(tmp_path):
    asked = ["toxicity", "--data", str(tmp_path / "nowhere")]
    for app, more in ((cli.evaluate, []), (cli.train, ["--out", str(tmp_path / "run")])):
        result = RUNNER.invoke(app, [*asked, *more])
        assert result.exit_code == 2
        assert "is no folder" in " ".join(result.output.split())


def test_sets_of_the_hub_are_fetched_first(tmp_path, monkeypatch, called):
    fetched = tmp_path / "fetched"
    monkeypatch.setattr("training.hub.fetch.fetch", lambda asked: fetched)
    given = ["text-emotion", "--data", "hub:go_emotions", "--out", str(tmp_path / "run")]
    assert RUNNER.invoke(cli.train, given).exit_code == 0
    assert called[0].data == fetched


FIGURES = {"macro_f1_27": 0.51, "examples": 3, "f1": {"joy": 0.6}}


def test_figures_come_as_a_table_or_as_json(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "evaluate", lambda source, data, device: FIGURES)
    shown = RUNNER.invoke(cli.evaluate, ["text-emotion", "--data", str(tmp_path)])
    assert "0.5100" in shown.output
    assert "joy" in shown.output
    plain = RUNNER.invoke(cli.evaluate, ["text-emotion", "--data", str(tmp_path), "--json"])
    assert json.loads(plain.output) == {"text-emotion": FIGURES}


def test_plots_and_logs_are_left_where_asked(tmp_path, monkeypatch):
    told = {
        "distribution": {"test": {"joy": 2}},
        "f1": {"joy": 0.6},
        "support": {"joy": 2},
        "macro_f1_27": 0.6,
    }
    monkeypatch.setattr(evaluate, "evaluate", lambda source, data, device: told)
    asked = ["text-emotion", "--data", str(tmp_path), "--json"]
    places = ["--plots", str(tmp_path / "plots"), "--logs", str(tmp_path / "logs")]
    assert RUNNER.invoke(cli.evaluate, [*asked, *places]).exit_code == 0
    assert (tmp_path / "plots" / "text_emotion_f1.png").is_file()
    assert json.loads((tmp_path / "logs" / "text_emotion_metrics.json").read_text()) == told


def test_all_tasks_make_one_object_and_one_page(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "_evaluate", lambda task, *_: {"examples": 1})
    monkeypatch.setattr("training.runs.plots.PLOTS", {})
    page = tmp_path / "page"
    asked = ["all", "--data", str(tmp_path), "--json", "--report", str(page)]
    result = RUNNER.invoke(cli.evaluate, asked)
    assert set(json.loads(result.stdout)) == set(cli.TASKS)
    assert [line.split()[0] for line in result.stderr.splitlines()] == [*cli.TASKS]
    written = (page / "README.md").read_text()
    assert "## toxicity" in written
    assert re.search(r"- ranking: .*`base/model.safetensors`.*, `model.safetensors` ", written)


def test_a_preset_names_the_weights_of_every_task():
    assert cli._source("toxicity", "reference") == "original"
    assert cli._source("text-emotion", "a/folder") == "a/folder"
    assert all(cli._source(task, "starter") for task in cli.TASKS)


def test_every_task_can_be_trained_and_evaluated():
    for app, names in (
        (cli.train, [*cli.TASKS, "response-data"]),
        (cli.evaluate, [*cli.TASKS, "all", "blind", "conversations"]),
    ):
        assert {command.name for command in app.registered_commands} == set(names)


def test_a_blind_reading_is_drawn_and_then_counted(tmp_path, monkeypatch, talks):
    from emotibot_models.pipeline import Pipeline
    from emotibot_models.scripted import ScriptedPipeline

    monkeypatch.setattr(Pipeline, "load", lambda *_: ScriptedPipeline())
    for name in ("dailydialog", "empathetic_dialogues"):
        [train, *_] = (talks / name).glob("train.*")
        (talks / name / train.name.replace("train", "test")).write_bytes(train.read_bytes())
    asked = ["blind", "--data", str(talks), "--out", str(tmp_path / "out")]
    assert RUNNER.invoke(cli.evaluate, asked).exit_code == 0
    key = tmp_path / "out/key.jsonl"
    numbers = [json.loads(line)["number"] for line in key.read_text().splitlines()]
    verdicts = [json.dumps({"number": number, "better": "tie"}) for number in numbers]
    (tmp_path / "out/verdicts.jsonl").write_text("\n".join(verdicts))
    counted = RUNNER.invoke(cli.evaluate, [*asked, "--json"])
    assert json.loads(counted.output)["blind"]["tied"] == len(numbers)


def test_conversations_go_into_a_file(tmp_path, monkeypatch):
    from emotibot_models.pipeline import Pipeline
    from emotibot_models.scripted import ScriptedPipeline

    monkeypatch.setattr(Pipeline, "load", lambda *_, **__: ScriptedPipeline())
    paper = tmp_path / "docs" / "conversations.md"
    assert RUNNER.invoke(cli.evaluate, ["conversations", "--out", str(paper)]).exit_code == 0
    assert paper.read_text().startswith("# 30 conversations, unedited")


def test_every_task_has_recipes_that_its_arguments_take(tmp_path):
    for task in cli.TASKS:
        module = __import__(f"training.{task.replace('-', '_')}.args", fromlist=["RECIPES"])
        for recipe in module.RECIPES.values():
            module.ARGS(data=tmp_path, out=tmp_path / "run", **recipe)


def test_the_commands_load_no_torch():
    import subprocess

    code = "import sys, training.cli; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_without_weights_is_a_sentence_and_exit_code_2(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "test.tsv").write_text("so happy\t17\tx\n")
    asked = ["text-emotion", "--data", str(tmp_path), "--preset", str(tmp_path)]
    result = RUNNER.invoke(cli.evaluate, asked)
    assert result.exit_code == 2
    assert "is damaged" in " ".join(result.output.split())
