from __future__ import annotations

import builtins
from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from PIL import Image

from bot.bench.plot import Panel, Spread, draw, short
from bot.errors import ConfigError

ONCE = Spread(3, 3, 3)
LINES = {"ours": [(1, Spread(9, 8, 10)), (100_000, Spread(40, 39, 44))], "theirs": [(1, ONCE)]}
ROWS = {"p50": [("SQLite, 50/s", ONCE), ("four workers", Spread(2000, 1000, 3000))]}


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """The panel's axes, and what its legend says, as they are in the picture."""

    def figure(panel):
        kept = []
        saved = Figure.savefig
        monkeypatch.setattr(
            Figure, "savefig", lambda self, *a, **k: (kept.append(self), saved(self, *a, **k))
        )
        draw([panel], "Toys", tmp_path / "plot.png")
        [part] = kept[0].subfigs
        [axes] = part.axes
        return axes, [text.get_text() for legend in part.legends for text in legend.get_texts()]

    return figure


def test_a_spread_is_the_median_and_the_outermost_values():
    assert Spread.of([5.0, 1.0, 2.0]) == Spread(2.0, 1.0, 5.0)
    assert str(Spread(2.0, 1.0, 5.0)) == "2 (1 to 5)"


def test_numbers_are_short():
    assert [short(value) for value in (0.01234, 9.5, 40_000.2)] == ["0.0123", "9.5", "40,000"]


def test_the_plot_is_a_picture_with_something_in_it(tmp_path):
    path = tmp_path / "deep" / "plot.png"
    panels = [
        Panel(title="Rate", x="callers", y="a second", series=LINES),
        Panel(title="Kinds", x="kind", y="ms", series=ROWS),
    ]
    draw(panels, "Toys a second\nAbacus", path)
    with Image.open(path) as picture:
        assert picture.width > picture.height > 300
        assert len(picture.convert("RGB").getcolors(100_000)) > 50


def test_lines_have_their_numbers_below_and_a_legend_where_there_are_several(drawn):
    axes, legend = drawn(Panel(title="Rate", x="callers", y="a second", series=LINES))
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "100,000"]
    assert legend == ["ours", "theirs"]
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("log", [False, True], ids=["bars", "dots"])
def test_rows_have_their_names_on_the_left_and_their_numbers_beside_them(drawn, log):
    axes, legend = drawn(Panel(title="Kinds", x="", y="ms", series=ROWS, log=log))
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["SQLite, 50/s", "four workers"]
    assert [text.get_text() for text in axes.texts] == ["3", "2,000"]
    assert (axes.get_xscale() == "log") is log
    assert bool(axes.patches) is not log
    assert legend == []


def test_powers_of_ten_go_up_a_logarithmic_scale(drawn):
    axes, _ = drawn(Panel(title="Rate", x="callers", y="ms", series=LINES, log=True))
    assert axes.get_yscale() == "log"


def test_no_name_of_a_row_or_line_covers_another(drawn):
    names = [f"a rather long name, number {n}" for n in range(6)]
    rows = {"p50": [(name, ONCE) for name in names]}
    axes, _ = drawn(Panel(title="Kinds", x="", y="ms", series=rows))
    boxes = [tick.get_window_extent() for tick in axes.get_yticklabels()]
    assert not any(one.overlaps(two) for one, two in pairwise(boxes))
    lines = {name: [(1, ONCE)] for name in names}
    axes, legend = drawn(Panel(title="Rate", x="callers", y="ms", series=lines))
    assert legend == names
    [legend_box] = [legend.get_window_extent() for legend in axes.figure.legends]
    assert legend_box.x0 >= 0
    assert legend_box.x1 <= axes.figure.bbox.x1
    assert not legend_box.overlaps(axes.get_window_extent())


def test_without_matplotlib_the_remedy_is_named(tmp_path, monkeypatch):
    found = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "matplotlib":
            raise ModuleNotFoundError(name=name)
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    panels = [Panel(title="Rate", x="callers", y="ms", series=LINES)]
    with pytest.raises(ConfigError, match=r"\[bench\]"):
        draw(panels, "Toys", tmp_path / "plot.png")
