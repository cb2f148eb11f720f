"""One look for every figure of the book."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette, made for colour-blind readers too (https://jfly.uni-koeln.de/color/). On white paper use the
# first four and grey for text: orange and sky are too pale.
PALETTE = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "grey": "#4D4D4D",
}
WIDTH = 5.6  # inches, of every figure: then its letters can be read on a phone too


def use_style() -> None:
    """Set matplotlib's defaults to those of the book: its palette, thin frames, findings as left-aligned titles."""
    plt.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=PALETTE.values()),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "axes.titleweight": "bold",
            "axes.titlepad": 10,
            "axes.edgecolor": "#444444",
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E4E4E4",
            "figure.figsize": (WIDTH, 3.4),
            "figure.dpi": 130,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "font.size": 10.5,
            "lines.linewidth": 2,
            "image.cmap": "gray_r",
            "image.interpolation": "nearest",
        }
    )


def image_grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 10,
    title: str = "",
    **imshow: object,
) -> Figure:
    """Draw ``images`` (N, height, width) or (N, height, width, 3), each under its title, row by row without axes.

    ``imshow`` goes to ``Axes.imshow``. All images share one grey scale
    unless ``vmin`` and ``vmax`` are given.
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4) or not len(images):
        raise ValueError(f"images has shape {images.shape}: give (N, height, width) or (N, height, width, 3), N >= 1.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(titles)} titles for {len(images)} images: give one for each.")
    columns = min(columns, len(images))
    side = WIDTH / columns  # inches
    rows = -(-len(images) // columns)
    titles = [""] * len(images) if titles is None else [str(text) for text in titles]
    lines = [max(len(text.splitlines()) for text in titles[i * columns : (i + 1) * columns]) for i in range(rows)]
    heights = [side + 0.16 * count for count in lines]  # inches, with room for the lines of each row's titles
    imshow = {"vmin": images.min(), "vmax": images.max()} | imshow
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(WIDTH, sum(heights) + (0.35 if title else 0)),
        height_ratios=heights,
        squeeze=False,
        layout="constrained",
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02)
    for i, axis in enumerate(axes.flat):
        axis.axis("off")
        if i < len(images):
            axis.imshow(images[i], **imshow)
            axis.set_title(titles[i], fontsize=8, fontweight="normal", pad=3, loc="center")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize="medium", fontweight="bold")
    return figure


def label_line(axis: Axes, text: str, *, line: int = -1, at: int = -1, offset: tuple[float, float] = (5, 0)) -> None:
    """Write ``text`` in the line's own colour beside point ``at`` of ``axis.lines[line]``, instead of a legend."""
    drawn = axis.lines[line]
    point = (drawn.get_xdata()[at], drawn.get_ydata()[at])
    axis.annotate(
        text, point, xytext=offset, textcoords="offset points", color=drawn.get_color(), va="center", fontweight="bold"
    )
