"""Small real tables, shipped with the package."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dlmeasured.data import shipped

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas

TABLES = ("co2", "countries", "engel", "nightingale", "nyc_weather", "outlines", "penguins", "seattle_weather")


def table(name: str) -> pandas.DataFrame:
    """A table of data/, with one row for each observation and missing values as NaN; data/NAME.md describes it.

    ``"co2"``: carbon dioxide at Mauna Loa (ppm), weekly, 1958 to 2001.
    ``"countries"``: continent, population and product of 177 countries; ``"outlines"``: their borders, in degrees.
    ``"engel"``: income and food expenditure (francs a year) of 235 Belgian households, 1857.
    ``"nightingale"``: deaths in the British army in the Crimean War by cause, 24 months.
    ``"nyc_weather"``: a year of hours at John F. Kennedy airport, with gaps.
    ``"penguins"``: measures (mm, g), species, island, sex and year of 344 penguins.
    ``"seattle_weather"``: four years of days in Seattle.

    Raises ``ValueError`` for another name and ``DataError`` where the file is missing or damaged.
    """
    if name not in TABLES:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(TABLES)}.")
    import pandas

    return pandas.read_csv(io.BytesIO(shipped(f"{name}.csv")))
