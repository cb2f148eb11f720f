"""``claim`` shows, stores and fails as it says."""

import json

import claim_records
import numpy as np
import pytest
import torch

import dlmeasured.claims
from dlmeasured import ClaimError, claim, mean_std
from dlmeasured.claims import MIME_TYPE, VERDICTS

GOOD = {"id": "my-claim", "statement": "It learns.", "holds": True, "measured": "≈0.87 against 0.10"}


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What is displayed, by MIME type. (test_contract.py sees it arrive in a notebook.)"""
    outputs = []

    def display(data: dict[str, str], *, raw: bool) -> None:
        assert raw
        outputs.append(data)

    monkeypatch.setattr(dlmeasured.claims, "display", display)
    return outputs


@pytest.mark.parametrize("verdict", ["confirmed", "refined", "refuted"])
def test_one_output_holds_box_text_and_record(displayed: list, verdict: str) -> None:
    claim(**GOOD, verdict=verdict)
    (output,) = displayed
    assert set(output) == {"text/plain", "text/html", MIME_TYPE}
    assert isinstance(output[MIME_TYPE], str)
    record = {"id": "my-claim", "statement": "It learns.", "measured": "≈0.87 against 0.10", "verdict": verdict}
    assert json.loads(output[MIME_TYPE]) == record
    for kind in ("text/plain", "text/html"):
        assert all(value in output[kind] for value in record.values())
    assert 'id="claim-my-claim"' in output["text/html"]


def test_the_ledger_reads_what_is_stored() -> None:
    assert MIME_TYPE == claim_records.MIME_TYPE
    assert tuple(VERDICTS) == claim_records.VERDICTS


def test_marks_are_stored_as_they_are(displayed: list) -> None:
    claim(**GOOD)
    assert "≈0.87" in displayed[0][MIME_TYPE]


def test_html_is_escaped(displayed: list) -> None:
    claim(**(GOOD | {"statement": '<b>"a" & b</b>', "measured": "1 < 2"}))
    (output,) = displayed
    assert "&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;" in output["text/html"]
    assert "1 &lt; 2" in output["text/html"]
    assert "<b>" not in output["text/html"]
    assert json.loads(output[MIME_TYPE])["statement"] == '<b>"a" & b</b>'


@pytest.mark.parametrize("holds", [True, np.bool_(True), torch.tensor(True), torch.tensor([[True]]), np.float64(1) > 0])
def test_any_bool_counts(displayed: list, holds: object) -> None:
    claim(**(GOOD | {"holds": holds}))
    assert len(displayed) == 1


@pytest.mark.parametrize("holds", [False, np.bool_(False), torch.tensor(False), torch.tensor([False])])
def test_a_claim_that_does_not_hold_raises_and_shows_nothing(displayed: list, holds: object) -> None:
    with pytest.raises(ClaimError, match=r"my-claim does not hold: It learns\. Measured: ≈0\.87 against 0\.10"):
        claim(**(GOOD | {"holds": holds}))
    assert displayed == []


def test_a_refuted_claim_fails_too() -> None:
    with pytest.raises(ClaimError):
        claim(**(GOOD | {"holds": False, "verdict": "refuted"}))


@pytest.mark.parametrize(
    "holds",
    [
        "True",
        1,
        0,
        0.5,
        None,
        [True],
        torch.tensor([True, True]),
        torch.tensor([]).bool(),
        torch.tensor(1),
        np.array([True]),
    ],
)
def test_anything_else_is_refused(holds: object) -> None:
    with pytest.raises(TypeError, match=r"my-claim: holds is .*compute a single True or False"):
        claim(**(GOOD | {"holds": holds}))


@pytest.mark.parametrize(
    "id", ["claim", "My-claim", "my_claim", "my claim", "my-", "-my", "my--claim", "", "my-claim\n"]
)
def test_a_bad_id_is_named(id: str) -> None:
    with pytest.raises(ValueError, match="must be lower-case words joined by hyphens") as error:
        claim(**(GOOD | {"id": id}))
    assert repr(id) in str(error.value)


@pytest.mark.parametrize("verdict", ["true", "Confirmed", "", None])
def test_a_bad_verdict_is_named(verdict: str) -> None:
    with pytest.raises(ValueError, match="must be one of confirmed, refined, refuted") as error:
        claim(**(GOOD | {"verdict": verdict}))
    assert repr(verdict) in str(error.value)


@pytest.mark.parametrize("name", ["statement", "measured"])
@pytest.mark.parametrize("value", ["", "  ", 0.87, None])
def test_a_bad_text_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"my-claim: {name} is") as error:
        claim(**(GOOD | {name: value}))
    assert repr(value) in str(error.value)


def test_all_but_the_id_and_the_statement_go_by_name() -> None:
    with pytest.raises(TypeError):
        claim("my-claim", "It learns.", True, "≈0.87")


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.3], np.array([0.1, 0.2, 0.3]), torch.tensor([0.1, 0.2, 0.3])])
def test_mean_std_writes_mean_and_sample_spread(values) -> None:
    assert mean_std(values) == "≈0.200 ± 0.100"
    assert mean_std(values, 1) == "≈0.2 ± 0.1"
    assert mean_std(torch.tensor([True, False])) == "≈0.500 ± 0.707"


def test_mean_std_of_one_value_names_it() -> None:
    with pytest.raises(ValueError, match=r"\[0.5\] has no spread: give at least two"):
        mean_std([0.5])
