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


def _escape_bars(app, what, name, obj, options, lines):
    """Absolute values are written |x| in docstrings, which reStructuredText takes for substitutions."""
    for k, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            literal = line.split("``")
            literal[::2] = [part.replace("|", "\\|") for part in literal[::2]]
            lines[k] = "``".join(literal)


def setup(app):
    """Register the above, before numpydoc's."""
    app.connect("autodoc-process-docstring", _escape_bars, priority=100)
