"""The papers' figures, regenerated: ``python -m figures brunel2000``. One module a paper."""
