"""What a state and a point of a phase diagram are called, by stated criteria (after Brunel 2000, sec. 4).

A state is

- quiescent: stable, mean rate below 0.1 Hz;
- AI: asynchronous irregular: stable, mean CV of 0.5 or more;
- AR: asynchronous regular: stable, mean CV below 0.5;
- SI fast: synchronous irregular: an oscillatory instability, CV of 0.5 or more, of a frequency f whose product
  with the mean delay is 0.1 or more (the delay makes the oscillation: half a period is two to three
  delays; without delay f >= 60 Hz);
- SI slow: the same with a lower frequency;
- SR: synchronous regular: an oscillatory instability, CV below 0.5;
- saddle: unstable with an odd number of unstable modes: it separates other states, nothing stays there.

Means are over neurons, delays weighted by the strength of their connections. A point has the class of its only state
that is no saddle, and is bistable where there are more. Beyond the instability it is the linear theory's guess what
the network does; frequencies are those of the growing mode.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import FloatArray

CLASSES = ("none", "quiescent", "AI", "AR", "SI fast", "SI slow", "SR", "saddle", "bistable", "unknown")
NONE, QUIESCENT, AI, AR, SI_FAST, SI_SLOW, SR, SADDLE, BISTABLE, UNKNOWN = range(len(CLASSES))
QUIET_RATE = 0.1  # Hz
IRREGULAR_CV = 0.5
FAST_CYCLES = 0.1  # frequency times delay
FAST_FREQUENCY = 60.0  # Hz, without delay


def classify_states(
    rate: FloatArray,
    cv: FloatArray,
    unstable: NDArray[Any],
    frequency: FloatArray,
    sizes: FloatArray,
    delay: FloatArray,
) -> NDArray[np.int8]:
    """Class of each state.

    Parameters
    ----------
    rate, cv : (n, S, P) array
        [Hz], -; NaN where there is no state.
    unstable : (n, S) int array
        Number of unstable modes, negative where it is not known.
    frequency : (n, S) array
        Of the rightmost mode [Hz].
    sizes : (P,) array
        Numbers of neurons.
    delay : (n,) array
        Mean delay [s].
    """
    share = sizes / sizes.sum()
    mean_rate, mean_cv = rate @ share, cv @ share
    irregular = mean_cv >= IRREGULAR_CV
    fast = is_fast(frequency, delay[:, None])
    stable = np.where(mean_rate < QUIET_RATE, QUIESCENT, np.where(irregular, AI, AR))
    oscillating = np.where(irregular, np.where(fast, SI_FAST, SI_SLOW), SR)
    found = np.where(unstable == 0, stable, np.where(unstable % 2 == 1, SADDLE, oscillating))
    found = np.where(unstable < 0, UNKNOWN, found)
    return np.where(np.isfinite(mean_rate), found, NONE).astype(np.int8)


def is_fast(frequency: FloatArray, delay: FloatArray) -> NDArray[np.bool_]:
    """Whether an oscillation [Hz] is of the fast kind, which the delay [s] makes."""
    return np.where(delay > 0, frequency * delay >= FAST_CYCLES, frequency >= FAST_FREQUENCY)


def classify_points(state_class: NDArray[np.int8]) -> NDArray[np.int8]:
    """Class of each point from those of its states, (n, S) to (n,)."""
    attracts = (state_class != NONE) & (state_class != SADDLE)
    number = attracts.sum(axis=1)
    first = state_class[np.arange(len(state_class)), attracts.argmax(axis=1)]
    found = np.where(number == 1, first, np.where(number > 1, BISTABLE, NONE))
    found = np.where((state_class == UNKNOWN).any(axis=1), UNKNOWN, found)
    lonely_saddle = (number == 0) & (state_class == SADDLE).any(axis=1)
    return np.where(lonely_saddle, SADDLE, found).astype(np.int8)
