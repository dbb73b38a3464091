"""The table and the file of `make bench`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.figures import Figure, at_most, exactly, percentile, plain, table, write


def test_a_figure_says_whether_it_is_what_was_wanted() -> None:
    assert [at_most("a.b", 2, "×", 2).ok, at_most("a.b", 2.01, "×", 2).ok] == [True, False]
    assert [exactly("a.b", 0, "", 0).ok, exactly("a.b", 1, "", 0).ok] == [True, False]
    assert plain("a.b", 1, "ms").ok is None


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([7.0], 0.95)) == (51, 96, 7)


def test_what_misses_is_marked_in_the_table() -> None:
    assert table([at_most("pages.queue_p50_ratio", 3, "× bare", 2)]).startswith("✗ pages.queue_p50_ratio")


def test_the_file_is_a_list_of_plain_objects(tmp_path: Path) -> None:
    write([Figure("pages.form_statements", 3, "", "≤ 3", True)], tmp_path / "var" / "bench.json")
    assert json.loads((tmp_path / "var" / "bench.json").read_text()) == [
        {"name": "pages.form_statements", "value": 3, "unit": "", "wanted": "≤ 3", "ok": True}
    ]


def test_a_module_that_can_be_run_is_a_group() -> None:
    assert {"pages", "faults"} <= set(command.groups())


def test_the_command_needs_no_settings_of_its_own() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    said = subprocess.run(
        [sys.executable, "-m", "bench", "moon"], env=bare, text=True, capture_output=True, check=False
    )

    assert "There is no group moon; there are: booking, faults, pages, promises." in said.stderr


def test_a_group_nobody_wrote_is_said() -> None:
    with pytest.raises(SystemExit, match="There is no group moon"):
        command.main(["moon"])
