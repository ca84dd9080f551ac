import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    ["selfheal.model.folder", "selfheal.model.compiled", "selfheal.model.adapter"],
)
def test_a_scorer_s_part_of_the_library_does_not_import_torch(module):
    program = f"import sys, {module}; sys.exit('torch' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", program], check=False)

    assert finished.returncode == 0
