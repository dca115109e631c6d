"""The model card holds what a validator looks for, as Markdown and as a page."""

import re

import mlflow
import numpy as np
import pytest
from matplotlib.figure import Figure

from train.report.card import LONGEST_DESCRIPTION, description, measures, page, tenths

NAME = "credit-scoring"


@pytest.fixture
def run(tracking):
    (run,) = tracking.search_runs([tracking.get_experiment_by_name(NAME).experiment_id])
    return run


@pytest.fixture
def card(run):
    return mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/model_card.md")


def test_a_card_opens_with_whether_the_model_may_be_used_and_ends_with_the_checks(card, run):
    head, *_, checks = card.split("\n## ")
    assert "| may it be used | yes" in head
    assert f"| AUC | {run.data.metrics['auc']:.3f} |" in head
    for cost in ("business_cost", "business_cost_lend_to_all", "business_cost_lend_to_none"):
        assert f" | {run.data.metrics[cost]:.3f} |" in head
    assert checks.startswith("The gate's checks")
    assert "| same_scores | passed |" in checks


def test_a_card_has_the_sections_of_a_validation(card):
    assert set(re.findall(r"(?m)^## (.+)$", card)) >= {
        "Purpose",
        "Model",
        "How good it is",
        "Threshold and cost",
        "Calibration",
        "Fairness",
        "Strongest factors",
        "Data",
        "Limits",
        "Reproduce",
    }
    assert "uses protected attributes" in card


def test_the_page_needs_nothing_from_elsewhere_and_shows_every_table(card, run):
    html = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/model_card.html")
    assert "<script" not in html
    assert 'src="data:image/png;base64,' in html
    assert not re.findall(r'(?:src|href)="(?!data:)', html)
    assert html.count("<table>") == len(re.findall(r"(?m)^\|[-|]+\|$", card))
    assert "|---" not in html


def test_the_exported_model_carries_the_card(card, trained):
    assert (trained.export / "model_card.md").read_text() == card


def test_html_in_the_data_stays_text_and_a_plot_goes_into_its_section():
    markdown = "# Card\n\n## Calibration\n\nA|B<script>alert(1)</script>\n\n## End\n"
    html = page(markdown, "x", {"calibration": Figure()})
    assert "<script" not in html
    assert html.index("<img") < html.index("End")


def test_a_description_holds_whole_sections_and_no_more_than_the_registry_keeps(card):
    long = card.replace("## Limits\n", "## Limits\n" + "word " * 2000)
    short = description(long)
    assert len(short) <= LONGEST_DESCRIPTION
    assert "## Purpose" in short
    assert "## Limits" not in short
    assert description("short") == "short"


def test_metrics_carry_their_intervals_where_there_are_any():
    auc, cost = measures({"auc": 0.78, "auc_low": 0.76, "auc_high": 0.8, "business_cost": 0.5})
    assert (auc["value"], auc["low"], auc["high"]) == (0.78, 0.76, 0.8)
    assert (cost["value"], cost["low"], cost["high"]) == (0.5, None, None)


def test_tenths_hold_all_clients_from_the_safest():
    random = np.random.default_rng(0)
    probability = random.random(1000)
    defaulted = (random.random(1000) < probability).astype(np.int8)
    found = tenths(defaulted, probability)
    assert sum(tenth["clients"] for tenth in found) == 1000
    predicted = [tenth["predicted"] for tenth in found]
    assert predicted == sorted(predicted)
    assert all(tenth["low"] <= tenth["observed"] <= tenth["high"] for tenth in found)
