"""Sphinx configuration: ``sphinx-build docs out/docs`` with the extra ``docs``."""

import meanfield

project = "meanfield"
author = "The meanfield developers"
release = version = meanfield.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax", "numpydoc"]
autosummary_generate = False
numpydoc_show_class_members = False
html_theme = "alabaster"
html_title = "meanfield"
