"""dlmeasured.charts: what an interactive chart stores."""

import io
import re
import sys
from types import ModuleType

import altair as alt
import pytest
from PIL import Image

from dlmeasured import PALETTE, charts, interactive


@pytest.fixture
def shown(monkeypatch) -> list:
    """What is displayed."""
    found = []
    monkeypatch.setattr(charts, "display", lambda content, **options: found.append(content))
    return found


@pytest.fixture
def lines() -> alt.Chart:
    """A line for each value of a slider."""
    rows = [{"rate": rate, "step": step, "loss": rate * step} for rate in (1, 2, 3) for step in range(5)]
    slider = alt.param(name="rate", value=2, bind=alt.binding_range(min=1, max=3, step=1, name="rate "))
    chart = alt.Chart(alt.Data(values=rows)).mark_line().encode(x="step:Q", y="loss:Q")
    return chart.transform_filter(alt.datum.rate == slider).add_params(slider).properties(height=200)


def test_chart_is_stored_as_specification_and_still(shown, lines):
    interactive(lines)
    (bundle,) = shown
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/png", "text/plain"}
    spec = bundle["application/vnd.vegalite.v5+json"]
    assert spec["width"] == charts.WIDTH
    assert len(spec["data"]["values"]) == 15
    assert spec["params"][0]["bind"]["input"] == "range"
    still = Image.open(io.BytesIO(bundle["image/png"])).convert("RGB")
    assert still.width > 2 * charts.WIDTH
    assert 2 * 200 < still.height < 2 * 320
    blue = tuple(int(pair, 16) for pair in re.findall("..", PALETTE["blue"].lstrip("#")))
    assert any(
        max(abs(a - b) for a, b in zip(pixel, blue, strict=True)) < 8 for pixel in set(still.get_flattened_data())
    )


def test_views_stand_below_one_another_and_not_beside(shown, lines):
    interactive(alt.vconcat(lines, lines))
    assert [view["width"] for view in shown[0]["application/vnd.vegalite.v5+json"]["vconcat"]] == [charts.WIDTH] * 2
    with pytest.raises(ValueError, match=r"beside one another.*alt\.vconcat"):
        interactive(alt.hconcat(lines, lines))


def test_colab_and_places_without_the_drawing_package_leave_it_to_altair(shown, lines, monkeypatch):
    with monkeypatch.context() as context:
        context.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
        interactive(lines)
    monkeypatch.setattr(charts, "find_spec", lambda name: None)
    interactive(alt.layer(lines))
    assert [type(chart) for chart in shown] == [alt.Chart, alt.LayerChart]
    assert all(chart.to_dict()["config"]["title"] == charts.CONFIG["title"] for chart in shown)
