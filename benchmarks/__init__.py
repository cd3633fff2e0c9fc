"""Speed, as ratios to what a user would pick instead, in one run: ``python -m benchmarks`` (extra ``bench``)."""
