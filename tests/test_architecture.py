"""The layout: who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the foundations up; a module imports only from rooms at or before its own.
ROOMS = (
    ("units", "_validate", "_compiled"),
    ("special", "dmft"),
    ("delays",),
    ("neurons",),
    ("network",),
    ("models", "io", "synapses", "fixedpoint"),
    ("response",),
    ("stability",),
    ("fluctuations", "binary", "heterogeneity"),
    ("spikecoding", "plasticity"),
    ("parameters",),
    ("randommatrix",),
    ("continuation",),
    ("phasediagram",),
    ("plotting", "derivations"),
    ("balance",),
    ("cli",),
)
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


LIBRARY = sorted((ROOT / "meanfield").rglob("*.py"))


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    own = path.relative_to(ROOT / "meanfield").parts[0].removesuffix(".py")
    for name in imported(path):
        top, _, rest = name.partition(".")
        assert top not in ("validation", "figures", "tests", "benchmarks")
        room = rest.split(".")[0]
        if top == "meanfield" and room in LEVEL and own != "__init__":
            assert LEVEL[room] <= LEVEL[own], f"{path.name} imports {name}"


def test_every_room_has_its_level():
    rooms = {p.relative_to(ROOT / "meanfield").parts[0].removesuffix(".py") for p in LIBRARY}
    assert rooms - {"__init__"} == set(LEVEL)


def test_import_loads_neither_brian2_nor_pyplot_nor_a_heavy_scipy():
    code = (
        "import sys, meanfield; "
        "bad = {'brian2', 'matplotlib', 'pandas', 'sympy', 'scipy.optimize', 'scipy.stats', 'xarray', 'zarr', 'dask'} "
        "& set(sys.modules); "
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("folder", ["meanfield", "validation", "figures"])
def test_only_command_lines_print(folder):
    for path in (ROOT / folder).rglob("*.py"):
        calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        prints = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "print"]
        assert not prints or path.name == "__main__.py" or path.parent.name == "cli", path


def test_no_test_imports_brian2_while_tests_are_collected():
    """Brian2 replaces pytest's collector of doctests by one that fails on packages: within tests it may be imported."""
    for path in (ROOT / "tests").rglob("*.py"):
        for part in ast.parse(path.read_text()).body:
            if not isinstance(part, ast.FunctionDef | ast.ClassDef):
                found = ast.unparse(part)
                assert "import brian2" not in found, path
                assert "from brian2" not in found, path
                assert "importorskip('brian2')" not in found, path
