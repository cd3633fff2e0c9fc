"""From arrays over the grid to an `xarray.Dataset`, and the attributes that datasets and stores share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from meanfield.phasediagram.variables import MAX_STATES, VARIABLES, Values

if TYPE_CHECKING:
    import xarray as xr


def dataset(arrays: Values, record: Mapping[str, Any]) -> xr.Dataset:
    """Put arrays and the record of their run together."""
    import xarray as xr

    axes = tuple(record["axes"])
    return xr.Dataset(
        {name: (axes + v.dims, arrays[name], v.attributes) for name, v in VARIABLES.items()},
        coords={name: ((name,), values, attributes) for name, (values, attributes) in coordinates(record).items()},
        attrs=attributes_of(record),
    )


def coordinates(record: Mapping[str, Any]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Values and attributes of each coordinate."""
    axes = {
        name: (np.array(values, dtype=np.float64), {"units": record["units"][name], "long_name": name})
        for name, values in record["axes"].items()
    }
    return axes | {
        "state": (np.arange(MAX_STATES), {"long_name": "state, sorted by mean rate"}),
        "population": (np.array(record["populations"], dtype=object), {"long_name": "population"}),
    }


def attributes_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of the dataset: plain strings, so that every format can hold them."""
    return {
        "Conventions": "CF-1.11",
        "title": f"Phase diagram of {record['model']} over {', '.join(record['axes'])}",
        "model": record["model"],
        "fixed_parameters": json.dumps(record["fixed"]),
        "meanfield_version": record["version"],
        "code_fingerprint": record["code"],
        "created": record["created"],
    }
