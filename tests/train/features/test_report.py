"""The report on how our aggregates compare with the published figures."""

from pathlib import Path

import ibis
import pandas as pd
import pytest

from train.features.build import DECLARED
from train.features.report import compare, main, published


def test_every_published_figure_belongs_to_a_feature_of_ours() -> None:
    clients, figures = published()
    assert clients == 356_251
    assert len(figures) > 150
    assert {*figures} <= DECLARED
    assert all(0 < there.count <= clients for there in figures.values())


def test_a_feature_far_from_its_published_figures_comes_first() -> None:
    share = published()[1]["BUREAU_ACTIVE_SHARE"]
    near = [share.q25] * 30 + [share.median] * 40 + [share.q75] * 30
    table = ibis.memtable({"BUREAU_ACTIVE_SHARE": near, "BUREAU_DAYS_CREDIT_MEAN": [0.0] * 100})
    first, second = compare(table)
    assert (first.name, second.name) == ("BUREAU_DAYS_CREDIT_MEAN", "BUREAU_ACTIVE_SHARE")
    assert first.shift > 1.5
    assert second.shift < 0.1


def test_counts_leave_out_clients_without_rows() -> None:
    (count,) = compare(ibis.memtable({"POS_COUNT": [0, 0, 10, 30]}))
    assert count.known[0] == 0.5
    assert count.mean[0] == 20


def test_the_report_of_a_file_lists_the_worst(
    built: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "features.parquet"
    built.reset_index().to_parquet(path)
    assert main(["--features", str(path), "--worst", "3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{len(published()[1])} features have published figures")
    assert len(told) == 5


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--features", "nowhere.parquet"]) == 2
    assert capsys.readouterr().err.startswith("error: nowhere.parquet does not exist")
