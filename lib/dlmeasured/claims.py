"""Claims: statements that the page measures, with a record that the ledger reads."""

import html
import json
import re
from collections.abc import Sequence

import numpy as np
import torch
from IPython.display import display

MIME_TYPE = "application/vnd.dlmeasured.claim"
VERDICTS = {"confirmed": "#009E73", "refined": "#E69F00", "refuted": "#D55E00"}


class ClaimError(AssertionError):
    """The measurement does not support the claim."""


def claim(id: str, statement: str, *, holds: bool, measured: str, verdict: str = "confirmed") -> None:
    """Show a claim in a box, store its record in the cell's output, and raise if it does not hold.

    Parameters
    ----------
    id : lower-case words joined by hyphens, unique in the book, such as ``"mlp-backprop"``.
    statement : the sentence that is claimed, as plain text.
    holds : what was computed from the measurement, never a literal: a bool of Python, NumPy or torch (one element).
    measured : the figures behind it, as plain text. Write ``≈`` before each figure that may differ between machines.
    verdict : ``"confirmed"``, ``"refined"`` (true under the condition that the statement gives) or ``"refuted"``
        (``holds`` then says that the measurement speaks against the statement).

    Raises
    ------
    ClaimError : ``holds`` is false. Nothing is shown or stored.
    TypeError, ValueError : an argument is of the wrong kind.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", id):
        raise ValueError(f"claim id {id!r} must be lower-case words joined by hyphens, such as 'mlp-backprop'.")
    if verdict not in VERDICTS:
        raise ValueError(f"claim {id}: verdict {verdict!r} must be one of {', '.join(VERDICTS)}.")
    for name, text in (("statement", statement), ("measured", measured)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"claim {id}: {name} is {text!r}; give it as a sentence.")
    if isinstance(holds, torch.Tensor) and holds.dtype == torch.bool and holds.numel() == 1:
        holds = holds.item()
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(
            f"claim {id}: holds is {holds!r}; compute a single True or False, for example with `<` or `.all()`."
        )
    if not holds:
        raise ClaimError(f"claim {id} does not hold: {statement} Measured: {measured}")

    record = {"id": id, "statement": statement, "measured": measured, "verdict": verdict}
    display(
        {
            "text/plain": f"Claim {id}: {statement}\nMeasured: {measured}\nVerdict: {verdict}",
            "text/html": _box(record),
            MIME_TYPE: json.dumps(record, ensure_ascii=False),
        },
        raw=True,
    )


def mean_std(values: torch.Tensor | Sequence[float], digits: int = 3) -> str:
    """Mean and standard deviation (n - 1) of at least two ``values``, as ``"≈0.864 ± 0.003"``."""
    values = torch.as_tensor(values, dtype=torch.float64).flatten()
    if len(values) < 2:
        raise ValueError(f"{values.tolist()} has no spread: give at least two values, better three.")
    return f"≈{values.mean():.{digits}f} ± {values.std():.{digits}f}"


def _box(record: dict[str, str]) -> str:
    """The record as HTML that reads on a light and on a dark page."""
    colour = VERDICTS[record["verdict"]]
    text = {key: html.escape(value) for key, value in record.items()}
    style = f"border-left: 5px solid {colour}; background: {colour}1f; border-radius: 4px; padding: .6em 1em"
    return (
        f'<div class="dlm-claim {text["verdict"]}" id="claim-{text["id"]}" style="{style}">'
        f'<div style="font-weight: 600">{text["statement"]}</div><div>{text["measured"]}</div>'
        f'<div style="font-size: .85em"><strong>{text["verdict"]}</strong> · <code>{text["id"]}</code></div></div>'
    )
