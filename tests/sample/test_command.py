import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from sample.__main__ import main
from sample.block import blocks
from sample.facts import TABLES, load
from sample.generate import block_tables, generate
from sample.write import FolderWriter
from tests.sample.conftest import SMALL


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    assert main(["--scale", str(SMALL), "--out", str(tmp_path), "--workers", "1"]) == 0
    assert contents(tmp_path) == contents(small)


def test_another_seed_gives_other_rows(small, tmp_path):
    generate(tmp_path, SMALL, seed=1, workers=1)
    assert contents(tmp_path)["bureau.parquet"] != contents(small)["bureau.parquet"]


def test_the_number_of_processes_does_not_change_the_bytes(folder, tmp_path):
    generate(tmp_path, 0.02, workers=2)
    assert contents(tmp_path) == contents(folder)


def test_a_block_is_the_same_whichever_blocks_were_made_before():
    todo = blocks(load(), 0.02, seed=0)
    assert len(todo) > 1
    block_tables(todo[0])
    assert block_tables(todo[-1]) == block_tables(blocks(load(), 0.02, seed=0)[-1])


def test_csv_and_parquet_hold_the_same_values(small, small_csv):
    for name in TABLES:
        schema = load().tables[name].schema
        options = pa_csv.ConvertOptions(
            column_types=schema, null_values=[""], strings_can_be_null=True
        )
        csv = pa_csv.read_csv(small_csv / f"{name}.csv", convert_options=options)
        assert csv.equals(pq.read_table(small / f"{name}.parquet")), name


def test_scale_one_has_as_many_clients_as_published():
    todo = blocks(load(), 1.0, seed=0)
    train = sum(int(block.train.sum()) for block in todo)
    assert (train, sum(block.size for block in todo) - train) == (307_511, 48_744)


@pytest.mark.parametrize("scale", ["0", "-1", "1.5", "nan"])
def test_a_scale_that_cannot_be_is_one_line_and_exit_code_2(scale, tmp_path, capsys):
    assert main([f"--scale={scale}", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"--scale must be above 0 and at most 1, got {scale}\n"


def test_a_negative_seed_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["--seed=-1", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "--seed must be 0 or more, got -1\n"


def test_a_folder_that_cannot_be_made_is_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--out", str(tmp_path / "file" / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"cannot write to {tmp_path / 'file' / 'out'}")
    assert error.count("\n") == 1


def test_a_file_that_cannot_get_its_name_is_one_line_and_leaves_no_partial_file(tmp_path, capsys):
    (tmp_path / "bureau.csv").mkdir()
    options = ["--format", "csv", "--workers", "1"]
    assert main(["--scale", str(SMALL), "--out", str(tmp_path), *options]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"cannot write to {tmp_path}")
    assert not list(tmp_path.glob(".*"))


def test_an_interrupted_write_leaves_no_file(tmp_path):
    facts = load()
    parts = block_tables(blocks(facts, SMALL, seed=0)[0])

    def interrupted():
        with FolderWriter(tmp_path, facts.tables, "csv") as writer:
            writer.write(parts)
            assert not list(tmp_path.glob("*.csv"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
