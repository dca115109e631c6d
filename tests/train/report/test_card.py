"""The model card holds what a validator looks for, in three forms."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from train.data.provenance import Provenance
from train.evaluation.exclusion import Exclusion
from train.evaluation.fairness import fairness
from train.evaluation.groups import Grouping
from train.evaluation.intervals import Interval
from train.gate import Check, Limits, Verdict
from train.report.card import LONGEST_DESCRIPTION, description, render
from train.report.facts import Data, Factor, Facts, Judged, Measure, measures, tenths

CHANGE = Interval(-0.00123, -0.002, 0.0004)


@pytest.fixture(scope="module")
def facts():
    random = np.random.default_rng(0)
    probability = random.random(1000)
    defaulted = (random.random(1000) < probability).astype(np.int8)
    gender = Grouping("gender", "CODE_GENDER", random.choice(np.array(["F", "M"], object), 1000))
    metrics = {"auc": 0.78, "auc_low": 0.76, "auc_high": 0.8, "business_cost": 0.5}
    return Facts(
        name="credit-scoring",
        fate="promoted to champion",
        verdict=Verdict(
            (Check("auc", True, "as good", 0.01, -0.01, 0.03),), "holdout", 9, None, Limits()
        ),
        provenance=replace(Provenance.current(), command="python -m train --data 'a|b'"),
        run_id="abc",
        model_digest="0" * 64,
        model={"kind": "trees", "trees": "100"},
        data=Data("folder", "123", 1000, 0, 0.5, ("A|B<script>",), 0, ()),
        judged=(Judged("out of fold", 1000, measures(metrics)),),
        baselines={"lend to all": 3.0},
        threshold=Measure("threshold", 0.9, 0.88, 0.92),
        cost_ratio=10.0,
        calibration="none: nothing beats it",
        tenths=tenths(defaulted, probability),
        fairness=fairness(defaulted, probability, probability < 0.5, (gender,)),
        protected="CODE_GENDER (gender)",
        factors=(Factor("the client's A|B<script>alert(1)</script>", 0.4),),
        exclusion=Exclusion(("A|B",), CHANGE, CHANGE),
    )


@pytest.fixture(scope="module")
def written(facts):
    return render(facts, {"Calibration": Figure()})


def test_a_card_has_the_sections_of_a_validation(written):
    sections = re.findall(r"(?m)^## (.+)$", written.markdown)
    assert sections == [
        "Verdict of the gate",
        "Purpose",
        "Model",
        "How good it is",
        "Threshold and cost",
        "Calibration",
        "Fairness",
        "What it goes by",
        "What leaving out columns costs",
        "Data",
        "Limits",
        "Reproduce",
    ]


def test_metrics_carry_their_intervals_where_there_are_any(written):
    assert re.search(r"\| AUC .*\| 0.7800 \| 0.7600 \| 0.8000 \|", written.markdown)
    assert "| business cost a client | 0.5000 |  |  |" in written.markdown


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(written):
    assert "<script" not in written.html
    assert 'src="data:image/png;base64,' in written.html
    assert not re.findall(r'(?:src|href)="(?!data:)', written.html)
    assert "url(" not in written.html


def test_every_table_of_the_markdown_is_a_table_of_the_page(written):
    assert written.html.count("<table>") == len(re.findall(r"(?m)^\|[-|]+\|$", written.markdown))
    assert "|---" not in written.html


def test_the_use_of_protected_attributes_is_said(written, facts):
    assert "uses protected attributes: CODE" in written.markdown
    assert "uses no column" in render(replace(facts, protected=""), {}).markdown


def test_a_description_holds_whole_sections_and_no_more_than_the_registry_keeps(written):
    long = written.markdown.replace("## Limits\n", "## Limits\n" + "word " * 2000)
    short = description(long)
    assert len(short) <= LONGEST_DESCRIPTION
    assert short.endswith("in the run: `model_card.html`.\n")
    assert "## Data" in short
    assert "## Limits" not in short
    assert description("short") == "short"


def test_what_leaving_out_columns_changes_stands_with_its_intervals(written, facts):
    assert "A\\|B" in written.markdown
    assert written.markdown.count("| -0.0012 | -0.0020 | +0.0004 |") == 2
    assert "leaving out" not in render(replace(facts, exclusion=None), {}).markdown


def test_tenths_hold_all_clients_from_the_safest(facts):
    assert sum(tenth.clients for tenth in facts.tenths) == 1000
    predicted = [tenth.predicted for tenth in facts.tenths]
    assert predicted == sorted(predicted)
    assert all(tenth.low <= tenth.observed <= tenth.high for tenth in facts.tenths)
