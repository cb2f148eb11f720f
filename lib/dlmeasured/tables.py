"""Small real tables, shipped with the package."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dlmeasured.data import shipped

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas

TABLES = ("engel", "penguins")


def table(name: str) -> pandas.DataFrame:
    """A table of data/, with one row for each observation and missing values as NaN; data/NAME.md describes it.

    ``"engel"``: income and food expenditure (francs a year) of 235 Belgian households, 1857.
    ``"penguins"``: measures (mm, g), species, island, sex and year of 344 penguins.

    Raises ``ValueError`` for another name and ``DataError`` where the file is missing or damaged.
    """
    if name not in TABLES:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(TABLES)}.")
    import pandas

    return pandas.read_csv(io.BytesIO(shipped(f"{name}.csv")))
