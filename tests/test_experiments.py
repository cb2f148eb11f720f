"""dlmeasured.experiments: what a reader gets to play, driven to its end in a browser without a network."""

import html
import json
from collections.abc import Callable, Iterator

import pytest
from IPython.display import HTML
from playwright.sync_api import Browser, Locator, Page, expect

from dlmeasured import experiment, experiments

TARGET = 'circle[fill="#d55e00"]'


def shown(name: str, published: dict[str, str]) -> str:
    """The HTML that the experiment displays."""
    found: list[HTML] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiments, "display", found.append)
        experiment(name, published)
    return found[0].data


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a phone's width for a reader who wants no motion; what goes wrong in it, or moves, fails the test."""
    problems: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 900}, reduced_motion="reduce")
    page.add_init_script("const wait = window.setTimeout; window.setTimeout = (call, ms) => wait(call, ms / 20)")
    page.goto("about:blank")
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("request", lambda request: problems.append(f"leaves: {request.url}"))
    yield page
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()
    assert problems == []


def trials(root: Locator) -> Iterator[Locator]:
    """Start the search and go through its 26 trials: the button to press if the target is there, once it can be."""
    root.get_by_role("button", name="Start").click()
    for trial in range(26):
        name = f"Practice {trial + 1} of 2" if trial < 2 else f"Trial {trial - 1} of 24"
        expect(root.get_by_role("status")).to_have_text(name)
        root.locator("svg circle").first.wait_for()  # no cross any more
        root.page.wait_for_timeout(50)
        yield root.get_by_role("button", name="there (J)", exact=True)
    root.get_by_role("button", name="Again").wait_for()


def results(root: Locator) -> dict[str, list[str]]:
    """The table at the end: the cells of each row by its name."""
    rows = [row.split("\t") for row in root.locator("table tr").all_inner_texts()]
    return {row[0]: row[1:] for row in rows}


def play_search(page: Page, root: Locator, reply: Callable[[bool], bool] = bool) -> None:
    """Answer by keyboard and by button in turn what ``reply`` makes of whether the target is there."""
    for trial, there in enumerate(trials(root)):
        answer = reply(root.locator(TARGET).count() == 1)
        if trial % 2:
            page.keyboard.press("j" if answer else "f")
        else:
            (there if answer else root.get_by_role("button", name="not there (F)")).click()


def test_search_times_the_reader(page: Page) -> None:
    page.set_content(shown("search", {"colour": "flat & fast", "both": "25 ms"}))
    root = page.locator(".dlm-experiment")
    play_search(page, root)
    found = results(root)
    assert found["it differs by"] == ["colour alone", "colour and shape"]
    assert found["published"] == ["flat & fast", "25 ms"]
    assert found["wrong answers"] == ["0 of 12", "0 of 12"]
    few, many, slope = (
        [float(text.removesuffix(" ms")) for text in found[row]] for row in ("8 marks", "32 marks", "each further mark")
    )
    assert all(0 < time < 10_000 for time in few + many)
    assert slope == pytest.approx([(b - a) / 24 for a, b in zip(few, many, strict=True)], abs=0.1)
    root.get_by_role("button", name="Again").click()
    play_search(page, root, lambda there: not there)
    assert results(root)["wrong answers"] == ["12 of 12", "12 of 12"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_search_compares_only_trials_with_the_target_there(page: Page) -> None:
    page.set_content(shown("search", {}))
    root = page.locator(".dlm-experiment")
    play_search(page, root, lambda there: False)  # right where it is not there, and nowhere else
    found = results(root)
    assert found["wrong answers"] == ["8 of 12", "8 of 12"]
    assert all(found[row] == ["–", "–"] for row in ("8 marks", "32 marks", "each further mark"))


def test_search_on_a_touch_screen_names_no_keys_and_fits(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900}, has_touch=True, is_mobile=True)
    page.set_content('<meta name="viewport" content="width=device-width">' + shown("search", {}))
    root = page.locator(".dlm-experiment")
    assert root.locator("svg").bounding_box()["width"] <= root.bounding_box()["width"]
    root.get_by_role("button", name="Start").tap()
    expect(root.get_by_role("button", name="there", exact=True)).to_be_visible()
    expect(root.get_by_role("button", name="not there", exact=True)).to_be_visible()
    page.close()


def test_search_shows_the_target_in_two_of_three_trials_and_as_many_marks_as_told(page: Page) -> None:
    page.set_content(shown("search", {}))
    root = page.locator(".dlm-experiment")
    seen = []
    for there in trials(root):
        squares, marks = root.locator("svg rect").count(), root.locator("svg rect, svg circle").count()
        seen.append((marks, squares > 0, root.locator(TARGET).count()))
        there.click()
    assert len(seen) == 26
    for marks in (8, 32):
        for both in (False, True):
            assert [target for m, b, target in sorted(seen[2:]) if (m, b) == (marks, both)] == [0, 0, 1, 1, 1, 1]


QUESTIONS = {
    "position": "How high is B above 0, A being 100?",
    "length": "How long is B, A being 100?",
    "angle": "How wide is the angle B, A being 100?",
    "area": "How large is the area of B, A being 100?",
    "colour": "How dark is B, A being 100 and white 0?",
}


def measure(root: Locator, channel: str) -> float:
    """B in per cent of A, out of the drawing; 50 for angle and colour."""

    def each(shape: str, attribute: str) -> list[float]:
        return [float(mark.get_attribute(attribute)) for mark in root.locator(f"svg {shape}").all()]

    if channel == "length":
        a, b = each("rect", "height")
    elif channel == "area":
        a, b = (radius**2 for radius in each("circle", "r"))
    elif channel == "position":
        a, b = (270 - y for y in each("circle", "cy"))
    else:
        return 50
    return 100 * b / a


def test_estimate_asks_four_times_for_each_channel_and_measures_errors(page: Page) -> None:
    page.set_content(shown("estimate", {"length": "small"}))
    root = page.locator(".dlm-experiment")
    root.get_by_role("button", name="Start").click()
    asked: dict[str, list[float]] = {channel: [] for channel in QUESTIONS}
    for trial in range(20):
        question = root.get_by_role("status").filter(has_text=f"{trial + 1} of 20. ")
        question.wait_for()
        (channel,) = (name for name, text in QUESTIONS.items() if question.inner_text().endswith(text))
        asked[channel].append(round(measure(root, channel)))
        root.get_by_role("spinbutton").fill(str(asked[channel][-1]))
        page.keyboard.press("Enter")
    root.get_by_role("button", name="Again").wait_for()
    assert {channel: len(values) for channel, values in asked.items()} == dict.fromkeys(QUESTIONS, 4)
    assert sorted(asked["length"]) == sorted(asked["area"]) == sorted(asked["position"])
    found = results(root)
    assert {name: cells[2] for name, cells in found.items()} == {"channel": "published"} | dict.fromkeys(
        QUESTIONS, "–"
    ) | {"length": "small"}
    assert all(0 <= float(found[channel][3].removesuffix(" s")) < 60 for channel in QUESTIONS)
    assert [found[channel][0] for channel in ("position", "length", "area")] == ["0.0"] * 3
    truth = sorted(asked["length"])  # the same four values in every channel, and all answered by 50
    assert float(found["angle"][0]) == pytest.approx(sum(abs(50 - value) for value in truth) / 4, abs=0.06)
    assert found["angle"][0] == found["colour"][0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def play_pie(page: Page, root: Locator, *, honest: bool) -> list[tuple[str, float]]:
    """Answer all 24 trials, all right or all wrong; which chart each showed, and how far apart A and B were."""
    root.get_by_role("button", name="Start").click()
    seen = []
    for trial in range(24):
        root.get_by_role("status").filter(has_text=f"{trial + 1} of 24.").wait_for()
        marks = root.locator("svg [data-share]").all()
        shares = [float(mark.get_attribute("data-share")) for mark in marks]
        assert len(shares) == 5
        assert sum(shares) == pytest.approx(100)
        named = dict(zip(root.locator("svg text").all_text_contents(), shares, strict=True))
        a, b = named["A"], named["B"]
        seen.append(("bars" if root.locator("svg rect").count() else "pie", abs(a - b)))
        if seen[-1][0] == "bars":
            heights = [float(mark.get_attribute("height")) for mark in marks]
            assert heights == pytest.approx([share * 7.854 for share in shares], abs=0.01)
        answer = "A" if (a > b) == honest else "B"
        if trial % 2:
            page.keyboard.press(answer.lower())
        else:
            root.get_by_role("button", name=answer, exact=True).click()
    root.get_by_role("button", name="Again").wait_for()
    return seen


def test_pie_counts_right_answers_by_chart_and_difference(page: Page) -> None:
    page.set_content(shown("pie", {"pie": [60, 70, 95]}))
    root = page.locator(".dlm-experiment")
    for honest, count in ((True, "4 of 4"), (False, "0 of 4")):
        seen = play_pie(page, root, honest=honest)
        assert sorted(seen) == sorted([(chart, step) for chart in ("pie", "bars") for step in (1, 2, 4)] * 4)
        rows = [row.split("\t") for row in root.locator("table tr").all_inner_texts()][1:]
        assert [row[:4] for row in rows[::2]] == [["pie", *[count] * 3], ["bars", *[count] * 3]]
        assert rows[1] == ["pie, model", "2.4 of 4", "2.8 of 4", "3.8 of 4", "–"]
        assert rows[3] == ["bars, model", *["–"] * 4]
        assert all(0 <= float(row[4].removesuffix(" s")) < 60 for row in rows[::2])
        root.get_by_role("button", name="Again").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_published_results_cannot_break_the_page() -> None:
    published = {"both": '"><script>alert(1)</script>'}
    text = shown("search", published)
    assert "<script>alert" not in text
    assert html.escape(json.dumps(published)) in text


def test_other_experiment_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'find'.*search, estimate, pie"):
        experiment("find", {})
