"""Compiled programs and where they are kept: built once for a structure, never trusted half-built.

A program's directory is named by a hash of the code that Brian2 generates, of the compiler and of the processor. It
is built under another name and renamed when it is complete, with a hash of its binary inside.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meanfield._compiled import cache_root
from validation.equations import summed
from validation.parameters import default_parameters
from validation.pathway import deliver_runs_of_synapses
from validation.program import build
from validation.structure import Structure, group_name

FLAGS = ["-w", "-O3", "-ffast-math", "-march=native", "-std=c++17"]
ABANDONED = 3600  # s; no build takes as long
_SOURCES = (
    "structure.py",
    "parameters.py",
    "equations.py",
    "draws.py",
    "program.py",
    "reversals.py",
    "modulation.py",
    "compiler.py",
    "poisson.cpp",
    "amplitudes.cpp",
    "truncated_normal.cpp",
    "sorting.py",
    "pathway.py",
    "pathway.h",
)


class SimulationUnavailable(RuntimeError):
    """The network cannot be simulated on this machine; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A compiled program.

    Attributes
    ----------
    binary : Path
    files : dict
        Names of the files that it writes, by population and quantity.
    queue : str
        ``"runs"`` if spikes wait as runs of synapses (`pathway`), ``"Brian2"`` if its own queue was left in place.
    """

    binary: Path
    files: dict[str, dict[str, str]]
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A program that a module of this package writes, for what is no `Structure`.

    Attributes
    ----------
    module : str
        Name of the module, such as ``"spikecoding"``; its function ``build(device, **arguments)`` makes the Brian2
        objects and returns a `Written`.
    arguments : dict
        Plain values that the code depends on.
    """

    module: str
    arguments: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"module": self.module, "arguments": self.arguments}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a recipe made: the network to run, its time step [s], and variables to keep, by group and name."""

    network: Any
    dt: float
    variables: dict[str, dict[str, Any]]


def require_brian2() -> None:
    """Raise SimulationUnavailable, with what to install, where there is no Brian2."""
    if importlib.util.find_spec("brian2") is None:
        raise SimulationUnavailable("Brian2 is not installed, which simulates: pip install 'meanfield[sim]'")


def missing_tools() -> list[str]:
    """Which of make and a C++ compiler are not on the path."""
    return [tool for tool in ("make", _compiler()[0]) if shutil.which(tool) is None]


def _compiler() -> list[str]:
    """The C++ compiler's command, which may have options of its own (``CXX="ccache g++ -m64"``), as make reads it."""
    try:
        return shlex.split(os.environ.get("CXX", "")) or ["g++"]
    except ValueError as error:
        raise ValueError(f"CXX must be the command of a C++ compiler, got {os.environ['CXX']!r}: {error}") from None


def program_for(structure: Structure | Recipe, *, announce: Any = None) -> Program:
    """Return the compiled program of a structure, from the cache or built now (about half a minute).

    Processes that want a program at the same time wait for one another, so that it is built once.

    Parameters
    ----------
    structure : Structure or Recipe
    announce : callable of str, optional
        Told when a build begins.

    Raises
    ------
    SimulationUnavailable
        Without make, a C++ compiler or Brian2, or if the build fails.
    """
    require_brian2()
    missing = missing_tools()
    if missing:
        raise SimulationUnavailable(f"no {' and no '.join(missing)} found, which compile the simulation")
    root = cache_root() / "programs"
    index = root / "index" / _digest(structure.to_dict(), _surroundings(structure))
    with contextlib.suppress(OSError, ValueError, KeyError):
        return _open(root / index.read_text())
    if announce:
        announce("compiling the simulation (once for this structure of network, about half a minute)")
    root.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(root):
        with contextlib.suppress(OSError, ValueError, KeyError):
            return _open(root / index.read_text())  # built while this process waited
        return _build_and_keep(structure, root, index)


def _build_and_keep(structure: Structure | Recipe, root: Path, index: Path) -> Program:
    for left in root.glob(".building-*"):  # by builds that were killed
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as directory:
        built = Path(directory) / "program"
        _build_in_fresh_process(structure, built)
        name = (built / "name").read_text()
        with contextlib.suppress(ValueError, OSError, KeyError):
            return _register(index, root / name)  # another structure has the same code
        shutil.rmtree(root / name, ignore_errors=True)  # a damaged one
        os.rename(built, root / name)
        return _register(index, root / name)


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Hold a lock that the system drops with the process, whatever ends it."""
    with open(root / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _register(index: Path, directory: Path) -> Program:
    program = _open(directory)
    index.parent.mkdir(parents=True, exist_ok=True)
    temporary = index.with_suffix(f".{os.getpid()}")
    temporary.write_text(directory.name)
    os.replace(temporary, index)
    return program


def _open(directory: Path) -> Program:
    """Read a finished program; ValueError if its binary is not the one that was built."""
    record = json.loads((directory / "complete.json").read_text())
    binary = directory / "main"
    if hashlib.sha256(binary.read_bytes()).hexdigest() != record["binary"]:
        raise ValueError(f"{binary} is damaged")
    return Program(binary=binary, files=record["files"], queue=record["queue"])


def _build_in_fresh_process(structure: Structure | Recipe, directory: Path) -> None:
    """Brian2 counts its objects through a process; in a fresh one the same structure gives the same code."""
    command = [sys.executable, "-m", "validation.compiler", str(directory)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        command, input=json.dumps(structure.to_dict()), capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SimulationUnavailable(f"the simulation could not be compiled: {last}")


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def _surroundings(structure: Structure | Recipe) -> list[str]:
    """Everything besides the structure that decides what is built."""
    here = Path(__file__).parent
    own = (f"{structure.module}.py",) if isinstance(structure, Recipe) else ()
    sources = hashlib.sha256(b"".join((here / name).read_bytes() for name in (*_SOURCES, *own))).hexdigest()
    return [sources, importlib.metadata.version("brian2"), *_machine()]


def _machine() -> list[str]:
    version = subprocess.run([*_compiler(), "--version"], capture_output=True, text=True, check=False).stdout
    flags = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return [*_compiler(), version, platform.machine(), platform.processor(), flags, *FLAGS]


def _hash_of_code(directory: Path, files: dict[str, dict[str, str]]) -> str:
    """Hash of generated code, of what compiles it, and of which of its results are read."""
    digest = hashlib.sha256(json.dumps([_machine(), files]).encode())
    for path in sorted(directory.rglob("*")):
        if path.suffix in (".cpp", ".h") or path.name == "makefile":
            digest.update(path.relative_to(directory).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


# What the binary does in place of one call of run: parts, each told on stdout, so that progress can be shown.
_RUN = """{{
    const double duration = getenv("DURATION") ? atof(getenv("DURATION")) : 0.0;
    const int parts = 50;
    const double dt = {dt!r};
    const long steps = (long)(duration / dt + 0.5);
    for (int part = 1; part <= parts; part++) {{
        const long here = steps * part / parts - steps * (part - 1) / parts;
        if (here) {network}.run(here * dt, NULL, 10.0);
        if (Network::_globally_stopped) break;
        std::cout << part << std::endl;
    }}
}}"""


def _build_here(structure: Structure | Recipe, directory: Path) -> None:
    import brian2 as b2

    b2.prefs.codegen.cpp.extra_compile_args_gcc = FLAGS
    b2.set_device("cpp_standalone", build_on_run=False)
    device = b2.get_device()
    if isinstance(structure, Recipe):
        module = importlib.import_module(f"validation.{structure.module}")
        written, pathways = module.build(device, **structure.arguments), None
    else:
        written, pathways = _write(structure, device)
    written.network.run(0 * b2.second, namespace={})
    device.insert_code("main", _RUN.format(dt=written.dt, network=written.network.name))
    device.build(str(directory), compile=False, run=False, with_output=False)
    runs = pathways is not None and deliver_runs_of_synapses(directory, [pathway.name for pathway in pathways])
    _make(directory)
    files = {
        group: {name: device.get_array_filename(variable) for name, variable in variables.items()}
        for group, variables in written.variables.items()
    }
    name = _hash_of_code(directory, files)
    for rubbish in ("static_arrays", "results", "code_objects", "brianlib"):
        if not (rubbish == "static_arrays" and (isinstance(structure, Recipe) or structure.modulated)):
            shutil.rmtree(directory / rubbish, ignore_errors=True)
    for path in directory.glob("*.o"):
        path.unlink()
    binary = hashlib.sha256((directory / "main").read_bytes()).hexdigest()
    record = {"binary": binary, "files": files, "queue": "runs" if runs else "Brian2"}
    (directory / "name").write_text(name)
    (directory / "complete.json").write_text(json.dumps(record))


def _write(structure: Structure, device: Any) -> tuple[Written, list[Any]]:
    """The objects of a network of LIF neurons, and its synaptic pathways."""
    objects = build(structure, default_parameters(structure), device, standalone=True)
    variables = {}
    for i, (group, monitor) in enumerate(zip(objects["groups"], objects["monitors"], strict=True)):
        variables[group_name(i)] = {"index": monitor.variables["i"], "time": monitor.variables["t"]}
        variables[group_name(i)] |= {name: group.variables[name] for name in summed(structure, i)}
        if objects["currents"]:
            recorded = objects["currents"][i].variables
            variables[group_name(i)] |= {name: recorded[name] for name in ("excitation", "inhibition")}
    for (i, j), synapses in objects["synapses"].items():
        variables[group_name(i)][f"indegree{j}"] = synapses.variables["N_incoming"]
    pathways = [synapses.pre for synapses in objects["synapses"].values()]
    return Written(network=objects["network"], dt=structure.dt, variables=variables), pathways


def _make(directory: Path) -> None:
    command = ["make", f"-j{os.cpu_count() or 1}"]
    made = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if made.returncode:
        wrong = [line for line in made.stderr.splitlines() if "error" in line.lower()]
        sys.exit(wrong[0] if wrong else f"make ended with status {made.returncode}")


def _structure_from(table: dict[str, Any]) -> Structure | Recipe:
    if "module" in table:
        return Recipe(**table)
    table |= {name: tuple(map(tuple, table[name])) for name in ("connected", "delays")}
    return Structure(**{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})


if __name__ == "__main__":
    _build_here(_structure_from(json.load(sys.stdin)), Path(sys.argv[1]))
