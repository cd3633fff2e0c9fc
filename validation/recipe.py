"""Running a program that a `Recipe` wrote: parameters in, arrays out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from validation.compiler import Recipe, SimulationUnavailable, missing_tools, program_for
from validation.running import PARTS, run_binary, write_arguments

Arrays = dict[str, dict[str, Any]]


def run_recipe(
    recipe: Recipe, parameters: Mapping[str, Any], *, duration: float, seed: int, label: str, progress: bool = False
) -> Arrays:
    """Run the program of a recipe, built first if it is not there.

    Parameters
    ----------
    recipe : Recipe
    parameters : mapping
        By ``"group.variable"``: a number for what is shared, an array for what each neuron has of its own.
    duration : float
        Simulated time [s].
    seed : int

    Returns
    -------
    dict of dict of arrays
        What the recipe keeps, flat, by group and name; ``"index"`` is of whole numbers.

    Raises
    ------
    SimulationUnavailable
        Without Brian2, make or a C++ compiler: such programs do not run on Brian2's runtime target.
    RuntimeError
        If the program fails.
    """
    if missing_tools():
        raise SimulationUnavailable(f"no {' and no '.join(missing_tools())} found, which compile the simulation")
    with (
        tqdm(total=PARTS, desc=label, disable=not progress) as bar,
        tempfile.TemporaryDirectory(prefix="meanfield-run-") as name,
    ):
        program = program_for(recipe, announce=bar.set_postfix_str if progress else None)
        directory = Path(name)
        arguments = write_arguments(program, directory, parameters)
        run_binary(program.binary, directory, arguments, seed, duration, label, bar.update)
        return {
            group: {n: np.fromfile(directory / f, dtype=np.int32 if n == "index" else float) for n, f in files.items()}
            for group, files in program.files.items()
        }
