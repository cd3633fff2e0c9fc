"""Continuation: branches of states, and lines of folds and Hopf points, with the special points on them."""

from meanfield.continuation.lines import Branch, Line, branch, fold_line, hopf_line, line_near
from meanfield.continuation.special import SpecialPoint

__all__ = ["Branch", "Line", "SpecialPoint", "branch", "fold_line", "hopf_line", "line_near"]
