"""A chart is compared like a picture, not at all: the claims test what it shows."""

import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Keep nbval from comparing charts, whose figures may differ between machines."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("application/vnd.vegalite.v5+json",)
