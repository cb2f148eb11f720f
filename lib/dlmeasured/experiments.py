"""Experiments on the reader, in the page."""

import html
import json
from pathlib import Path

from IPython.display import HTML, display

EXPERIMENTS = ("search", "estimate", "pie")


def experiment(name: str, published: dict[str, str] | dict[str, list[float]]) -> None:
    """Show an experiment that the reader takes part in, by mouse, touch or keyboard, with the own result at its end.

    ``"search"``: is a mark there that differs from the others by colour alone (``"colour"``), or only by colour and
    shape together (``"both"``)? 24 timed trials. ``"estimate"``: how large is a mark in per cent of another, by
    ``"position"``, ``"length"``, ``"angle"``, ``"area"`` and ``"colour"``? Four estimates each. ``"pie"``: which of two
    parts of a whole is larger, in a ``"pie"`` and in ``"bars"``? 12 choices each.

    ``published`` gives what others found, by these keys, as short texts that stand beside the reader's own; for
    ``"pie"`` the per cent of right answers where the parts are 1, 2 and 4 points of the whole apart. The output is a
    script that needs no kernel, no server and no network; nothing is stored. Another name raises ``ValueError``.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"there is no experiment {name!r}: choose one of {', '.join(EXPERIMENTS)}.")
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    data = html.escape(json.dumps(published, ensure_ascii=False))
    display(
        HTML(f'<div class="dlm-experiment" data-name="{name}" data-published="{data}"></div><script>{script}</script>')
    )
