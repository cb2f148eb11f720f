"""One look, readable in grey and by the colour-blind."""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from dlmeasured import PALETTE, image_grid, label_line, use_style

mpl.use("agg")


@pytest.fixture(autouse=True)
def fresh():
    """Matplotlib's own defaults before each test, no figure left after it."""
    with mpl.rc_context():
        mpl.rcdefaults()
        yield
        plt.close("all")


def lightness(colour: str) -> float:
    """CIE L* in 0..100."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def test_lines_take_the_palette_in_order() -> None:
    use_style()
    _, axis = plt.subplots()
    drawn = [axis.plot([0, 1])[0].get_color() for _ in PALETTE]
    assert drawn == list(PALETTE.values())
    assert len(set(drawn)) == len(drawn)


def test_the_palette_reads_in_grey_where_it_can() -> None:
    """Blue and grey against all others; the rest is told apart by the labels on the lines."""
    for a, b in itertools.combinations(PALETTE, 2):
        if {a, b} & {"blue", "grey"}:
            assert abs(lightness(PALETTE[a]) - lightness(PALETTE[b])) > 8, (a, b)


def test_the_colours_of_text_stand_out_from_white() -> None:
    """WCAG asks 3:1 of graphics and of large or bold text."""
    for name in ("blue", "vermillion", "green", "purple", "grey"):
        y = ((lightness(PALETTE[name]) + 16) / 116) ** 3
        assert 1.05 / (y + 0.05) >= 3, name


def test_titles_are_findings_on_the_left() -> None:
    use_style()
    _, axis = plt.subplots()
    axis.set_title("Width helps")
    assert (axis.get_title(loc="left"), axis.get_title(loc="center")) == ("Width helps", "")
    assert not axis.spines["top"].get_visible()


@pytest.mark.parametrize(
    ("n", "columns", "rows_columns"),
    [(1, 10, (1, 1)), (10, 10, (1, 10)), (11, 10, (2, 10)), (7, 3, (3, 3)), (3, 1, (3, 1))],
)
@pytest.mark.parametrize("colour", [(), (3,)])
def test_image_grid_draws_each_image_once(n: int, columns: int, rows_columns: tuple, colour: tuple) -> None:
    images = np.random.default_rng(0).random((n, 5, 4, *colour))
    figure = image_grid(images, columns=columns)
    assert figure.axes[0].get_gridspec().get_geometry() == rows_columns
    drawn = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert len(drawn) == n
    assert all(np.array_equal(ours, image) for ours, image in zip(drawn, images, strict=True))
    assert not any(axis.axison for axis in figure.axes)
    figure.canvas.draw()


@pytest.mark.parametrize("titles", [["a", "b", "c"], np.array([4, 5, 6])])
def test_image_grid_sets_titles(titles) -> None:
    plain = image_grid(np.zeros((3, 2, 2)), columns=2)
    figure = image_grid(np.zeros((3, 2, 2)), titles, columns=2, title="Three squares")
    assert [axis.get_title() for axis in figure.axes] == [*map(str, titles), ""]
    assert figure.get_suptitle() == "Three squares"
    heights = [f.get_figheight() for f in (plain, image_grid(np.zeros((3, 2, 2)), titles, columns=2), figure)]
    assert heights[0] < heights[1] < heights[2]
    assert plain.get_suptitle() == ""


def test_image_grid_shares_one_scale_unless_told() -> None:
    images = np.stack([np.zeros((2, 2)), np.full((2, 2), 7.0)])
    assert [axis.images[0].get_clim() for axis in image_grid(images).axes] == [(0, 7), (0, 7)]
    figure = image_grid(images, vmin=-1, vmax=1, cmap="RdBu")
    assert [axis.images[0].get_clim() for axis in figure.axes] == [(-1, 1), (-1, 1)]
    assert figure.axes[0].images[0].get_cmap().name == "RdBu"


def test_image_grid_takes_tensors_as_they_ship() -> None:
    assert len(image_grid(torch.zeros(4, 28, 28, dtype=torch.uint8)).axes) == 4


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [
        (np.zeros((0, 2, 2)), None, r"images has shape \(0, 2, 2\)"),
        (np.zeros((2, 2)), None, r"images has shape \(2, 2\)"),
        (np.zeros((3, 2, 2)), ["a"], "1 titles for 3 images"),
    ],
)
def test_image_grid_names_what_it_cannot_draw(images, titles, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        image_grid(images, titles)
    assert not plt.get_fignums()


def test_label_line_writes_beside_the_line_in_its_colour() -> None:
    use_style()
    _, axis = plt.subplots()
    axis.plot([0, 1, 2], [5, 6, 7])
    axis.plot([0, 1, 2], [3, 2, 1])
    label_line(axis, "down")
    label_line(axis, "up", line=0, at=1)
    down, up = axis.texts
    assert (down.get_text(), down.xy, down.get_color()) == ("down", (2, 1), PALETTE["vermillion"])
    assert (up.get_text(), up.xy, up.get_color()) == ("up", (1, 6), PALETTE["blue"])
