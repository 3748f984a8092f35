from __future__ import annotations

import pytest
import torch

from emotibot_models.face_finder import FaceFinder, FinderConfig, read_grid, standardised

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


def test_light_does_not_matter():
    dark = torch.rand(1, 1, 32, 32) * 100
    assert torch.allclose(standardised(dark), standardised(dark * 2 + 40), atol=1e-4)


def test_the_config_tells_itself():
    assert FinderConfig(**TINY.to_dict()) == TINY
