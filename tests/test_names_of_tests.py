"""Files of tests have names of their own: pytest and Python know a module by its last name only."""

from collections import Counter
from pathlib import Path


def test_no_two_files_of_tests_bear_the_same_name():
    names = Counter(path.name for path in Path(__file__).parent.rglob("*.py"))
    del names["conftest.py"]  # pytest loads each for its own folder
    assert [name for name, files in names.items() if files > 1] == []
