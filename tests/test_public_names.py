"""What the package offers to other programs, and what its import costs."""

import subprocess
import sys

import pytest

import kla_sim


def test_the_package_offers_three_names():
    assert kla_sim.__all__ == ["load_scenario", "open_run", "run"]
    for name in kla_sim.__all__:
        assert callable(getattr(kla_sim, name))


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="load_scenarios"):
        _ = kla_sim.load_scenarios


def test_import_loads_no_library():
    code = "import kla_sim, sys; print(sorted({'numpy', 'numba', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
