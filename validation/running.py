"""Running a compiled program: its arguments, the process, its complaints."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from validation.compiler import Program

PARTS = 50  # of a run, each told by the binary when it is done


def write_arguments(program: Program, directory: Path, parameters: Mapping[str, Any]) -> list[str]:
    """Arguments that set a program's variables, those that are arrays through files in the directory of its results."""
    if (kept := program.binary.parent / "static_arrays").exists():
        (directory / "static_arrays").symlink_to(kept)
    arguments = []
    for k, (variable, value) in enumerate(parameters.items()):
        if np.ndim(value):
            path = directory / f"parameter{k}"
            np.ascontiguousarray(value).tofile(path)
            arguments.append(f"{variable}={path}")
        else:
            arguments.append(f"{variable}={value!r}")
    return arguments


def run_binary(
    binary: Path,
    directory: Path,
    arguments: list[str],
    seed: int,
    duration: float,
    label: str,
    after_part: Callable[[], Any],
) -> None:
    """Run a binary that writes to `directory`; anything on stderr is a failure, since its exit status is not.

    If this process is killed, the binary ends with its next part: nobody reads what it says then.
    """
    environment = os.environ | {"SEED": str(seed), "DURATION": repr(duration)}
    complaints = directory / "stderr"
    with (
        open(complaints, "w") as stderr,
        subprocess.Popen(
            [binary, "--results_dir", f"{directory}/", *arguments],
            env=environment,
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            for _ in process.stdout or ():
                after_part()
        except BaseException:
            process.kill()
            raise
    errors = complaints.read_text(errors="replace").strip()
    if process.returncode or errors:
        last = (errors.splitlines() or [f"exit status {process.returncode}"])[-1]
        raise RuntimeError(f"the simulation of {label} failed: {last}")
