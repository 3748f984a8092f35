from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from PIL import Image

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.errors import ArtifactError
from emotibot_models.face_finder import (
    ARCHITECTURE,
    EXTRAS,
    TASK,
    FaceFinder,
    Finder,
    FinderConfig,
    read_grid,
    standardised,
)


class Told(dict):
    """A config that says what it holds."""

    def to_dict(self):
        return self


TINY = FinderConfig(widths=(4, 4, 8, 8, 8), depth=0, pyramid=8)


def test_a_picture_of_any_size_in_multiples_of_32_gets_a_cell_every_8_pixels():
    network = FaceFinder(TINY).eval()
    assert network(torch.zeros(2, 1, 64, 96)).shape == (2, 4, 8, 12)


def test_an_untrained_network_sees_no_face():
    network = FaceFinder(TINY).eval()
    grid = network(standardised(torch.rand(1, 1, 64, 64) * 255))[0]
    assert read_grid(grid, floor=0.5) == []


def test_peaks_are_read_as_places_sizes_and_turns_the_surest_first():
    grid = torch.full((4, 6, 6), -9.0)
    grid[1:, 2, 3] = torch.tensor([1.0, 0.5, 0.5 * 3**0.5])
    grid[1:, 5, 0] = torch.tensor([0.0, 0.0, 1.0])
    grid[0, 2, 3], grid[0, 2, 4], grid[0, 5, 0] = 3.0, 2.0, 1.0
    first, second = read_grid(grid, floor=0.5)
    assert (first.x, first.y) == (28.0, 20.0)
    assert first.side == pytest.approx(16 * 2.71828, rel=1e-4)
    assert first.turn == pytest.approx(30.0, abs=1e-3)
    assert (second.x, second.y, second.side, second.turn) == (4.0, 44.0, 16.0, 0.0)
    assert first.score > second.score


def test_what_was_not_taught_is_not_said_and_what_was_is_a_chance():
    grid = torch.full((6, 3, 3), -9.0)
    grid[:, 1, 1] = torch.tensor([3.0, 1.0, 0.0, 1.0, 2.0, -2.0])
    [bare], [full] = read_grid(grid[:4], floor=0.5), read_grid(grid, floor=0.5)
    assert (bare.covered, bare.blurred) == (0.0, 0.0)
    assert full.covered == pytest.approx(0.881, abs=1e-3) == 1 - full.blurred


def test_a_network_that_was_taught_more_has_a_channel_for_each():
    config = replace(TINY, tower=1, extras=EXTRAS)
    assert FaceFinder(config).eval()(torch.zeros(1, 1, 64, 96)).shape == (1, 6, 8, 12)
    assert FinderConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_light_does_not_matter():
    dark = torch.rand(1, 1, 32, 32) * 100
    assert torch.allclose(standardised(dark), standardised(dark * 2 + 40), atol=1e-4)


def test_the_config_tells_itself():
    assert FinderConfig(**TINY.to_dict()) == TINY


WHOLE, CLOSE_UP, CLOSER = [320, 0, 0.5], [160, 40, 0.5], [640, 0, 0.5]


def write(folder, *, architecture=ARCHITECTURE, config=TINY, looks=(WHOLE, CLOSER)):
    save_weights(folder / WEIGHTS, FaceFinder(TINY).state_dict(), storage="fp16")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    manifest = Manifest(task=TASK, architecture=architecture, settings={"looks": looks})
    seal(folder, manifest, (WEIGHTS, "config.json"))
    return folder


@pytest.mark.parametrize("size", [(640, 480), (30, 200), (1, 1)], ids=str)
def test_a_picture_of_any_size_is_searched(tmp_path, size):
    picture = Image.effect_noise((max(size), max(size)), 60).resize(size)
    assert Finder.load(write(tmp_path)).find(picture) == []


def test_a_find_is_told_in_pixels_of_the_picture_whatever_the_size_it_was_seen_at(tmp_path):
    finder = Finder.load(write(tmp_path))
    grid = torch.full((1, 4, 30, 40), -9.0)
    grid[0, :, 15, 20] = torch.tensor([9.0, 0.0, 0.0, 1.0])
    finder._network = lambda pixels: grid if pixels.shape[-2] == 256 else grid * 0 - 9
    [face] = finder.find(Image.new("L", (640, 480)))
    assert (face.x, face.y, face.side) == (328.0, 248.0, 32.0)


def test_peaks_that_overlap_are_one_face(tmp_path):
    finder = Finder.load(write(tmp_path, looks=[WHOLE]))

    def network(pixels):
        grid = torch.full((1, 4, 40, 40), -9.0)
        for column, score in ((10, 5.0), (14, 4.0), (30, 3.0)):
            grid[0, :, 20, column] = torch.tensor([score, 1.5, 0.0, 1.0])
        return grid

    finder._network = network
    faces = finder.find(Image.new("L", (320, 320)))
    assert [face.x for face in faces] == [84.0, 244.0]


def test_each_look_has_a_threshold_of_its_own(tmp_path):
    finder = Finder.load(write(tmp_path, looks=([320, 0, 0.9], [640, 0, 0.5])))

    def network(pixels):
        grid = torch.full((1, 4, pixels.shape[-2] // 8, pixels.shape[-1] // 8), -9.0)
        grid[0, 0, 5, 5] = 1.0  # a score of 0.73
        return grid

    finder._network = network
    [face] = finder.find(Image.new("L", (320, 320)))
    assert (face.x, face.y) == (22.0, 22.0)


@pytest.mark.parametrize(
    ("found_at", "looked"),
    [(320, [320, 640]), (256, [320, 256]), (640, [320, 256, 640]), (0, [320, 256, 640])],
)
def test_a_look_is_taken_where_those_before_found_nobody_and_the_last_tells_who_else_is_there(
    tmp_path, found_at, looked
):
    finder = Finder.load(write(tmp_path, looks=[WHOLE, CLOSE_UP, CLOSER]))
    seen = []

    def network(pixels):
        seen.append(pixels.shape[-1])
        grid = torch.full((1, 4, pixels.shape[-2] // 8, pixels.shape[-1] // 8), -9.0)
        grid[0, 0, 5, 5] = 9.0 if pixels.shape[-1] == found_at else -9.0
        return grid

    finder._network = network
    assert len(finder.find(Image.new("L", (320, 320)))) == bool(found_at)
    assert seen == looked


@pytest.mark.parametrize(("size", "found"), [(1.2, [(84, 53), (242, 13)]), (3.0, [(84, 321)])])
def test_others_are_looked_for_beside_a_face_that_is_not_near(tmp_path, size, found):
    finder = Finder.load(write(tmp_path, looks=[WHOLE, CLOSER]))

    def network(pixels):
        grid = torch.full((1, 4, pixels.shape[-2] // 8, pixels.shape[-1] // 8), -9.0)
        if pixels.shape[-1] == 320:
            grid[0, :, 10, 10] = torch.tensor([3.0, size, 0.0, 1.0])
        else:
            grid[0, :, 21, 21] = torch.tensor([4.0, 2.2, 0.0, 1.0])  # the same one
            grid[0, :, 60, 60] = torch.tensor([2.0, 0.5, 0.0, 1.0])
        return grid

    finder._network = network
    faces = finder.find(Image.new("L", (320, 320)))
    assert [(round(face.x), round(face.side)) for face in faces] == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"architecture": "other"}, "not 'separable-pyramid'"),
        ({"config": FinderConfig(widths=(4, 4, 8, 8, 16), depth=0, pyramid=8)}, "does not fit"),
        ({"config": Told({**TINY.to_dict(), "eyes": 2})}, "does not fit"),
    ],
    ids=["another network", "another shape", "another version"],
)
def test_weights_for_something_else_are_refused(tmp_path, change, said):
    with pytest.raises(ArtifactError, match=said):
        Finder.load(write(tmp_path, **change))
