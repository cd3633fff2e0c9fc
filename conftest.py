"""Settings for all tests, made before anything imports NumPy."""

import os

# The matrices of the tests are small: BLAS threads that wait for each other on shared cores can make them 100 times
# slower, and gain nothing.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
