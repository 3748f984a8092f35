"""Networks on a device, and the shapes that they are recorded in."""

from __future__ import annotations

import torch
from torch import nn

from emotibot_models.graphs import MOST_TOKENS, OnDevice, filled_up, rounded, text_shapes
from tests.unit.emotibot_models.rehearsal import Rehearsal

CPU = torch.device("cpu")


class Counts(nn.Module):
    """The sum of the ids that are no padding."""

    def forward(self, ids, mask):
        return (ids * mask).sum(1, keepdim=True).float()


class Mean(nn.Module):
    def forward(self, pixels):
        return pixels.flatten(1).mean(1, keepdim=True)


def test_counts_are_rounded_up_to_powers_of_two():
    assert [rounded(n) for n in (1, 2, 3, 8, 9)] == [1, 2, 4, 8, 16]
    assert rounded(3, least=16) == 16


def test_texts_are_filled_up_in_both_dimensions_and_pictures_in_the_first():
    assert filled_up(torch.ones(3, 17, dtype=torch.long)).shape == (4, 32)
    assert filled_up(torch.ones(3, 17, dtype=torch.long)).sum() == 3 * 17
    assert filled_up(torch.ones(3, 1, 5, 5)).shape == (4, 1, 5, 5)
    assert filled_up(torch.ones(2, 1, 5, 5)).shape == (2, 1, 5, 5)


def test_without_a_gpu_a_network_runs_as_it_is():
    plain = OnDevice(Counts(), CPU, graphs=True)
    ids = torch.tensor([[1, 2], [3, 0]])
    assert plain(ids, ids != 0).tolist() == [[3.0], [3.0]]


def test_a_shape_is_recorded_once_and_replayed_with_what_is_asked():
    graphed = OnDevice(Counts(), CPU)
    graphed._recorder = rehearsal = Rehearsal()
    for value in (1, 2, 5):
        ids = torch.full((3, 5), value)
        assert graphed(ids, torch.ones_like(ids)).tolist() == [[5.0 * value]] * 3
    assert (rehearsal.recorded, rehearsal.replayed) == (1, 3)
    graphed(torch.ones(5, 5, dtype=torch.long), torch.ones(5, 5, dtype=torch.long))
    assert rehearsal.recorded == 2


def test_an_answer_stays_when_the_next_is_given():
    graphed = OnDevice(Mean(), CPU)
    graphed._recorder = Rehearsal()
    first = graphed(torch.ones(1, 1, 2, 2))
    graphed(torch.zeros(1, 1, 2, 2))
    assert first.tolist() == [[1.0]]


def test_where_recording_fails_the_network_runs_all_the_same(caplog):
    graphed = OnDevice(Mean(), CPU)
    graphed._recorder = Rehearsal("no capture here")
    assert graphed(torch.ones(3, 1, 2, 2)).tolist() == [[1.0]] * 3
    assert "Mean runs without CUDA graphs: no capture here" in caplog.text


def test_shapes_recorded_beforehand_are_met_later():
    graphed = OnDevice(Counts(), CPU)
    graphed._recorder = rehearsal = Rehearsal()
    graphed.warm(text_shapes())
    shapes = rehearsal.recorded
    ids = torch.ones(9, 20, dtype=torch.long)
    graphed(ids, ids)
    assert rehearsal.recorded == shapes
    sizes = [ids.numel() for ids, _ in text_shapes()]
    assert max(sizes) == MOST_TOKENS


def test_without_a_recorder_nothing_is_prepared():
    OnDevice(Counts(), CPU).warm(iter([("never asked",)]))
