from __future__ import annotations

import json

import torch

from training.runs.args import RunArgs
from training.runs.folder import RunFolder


def test_a_run_writes_its_arguments_metrics_and_checkpoints(tmp_path):
    folder = RunFolder(RunArgs(data=tmp_path, out=tmp_path / "run"))
    folder.log(epoch=1, f1=0.5)
    folder.log(epoch=2, f1=0.6)
    folder.save("best.pt", {"w": torch.ones(2)})
    lines = (folder.path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["f1"] for line in lines] == [0.5, 0.6]
    assert json.loads((folder.path / "args.json").read_text())["seed"] == 7
    assert torch.equal(folder.load("best.pt")["w"], torch.ones(2))


def test_no_checkpoint_yet_is_none_and_no_partial_file_stays(tmp_path):
    folder = RunFolder(RunArgs(data=tmp_path, out=tmp_path / "run"))
    assert folder.load("best.pt") is None
    folder.save("best.pt", {"w": torch.ones(2)})
    assert sorted(p.name for p in folder.path.iterdir()) == ["args.json", "best.pt"]
