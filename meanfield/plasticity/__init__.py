"""Plasticity: mean-field theory of inhibitory synapses that learn (Vogels et al. 2011)."""

from meanfield.plasticity.rule import InhibitoryPlasticity, Learned
from meanfield.plasticity.tuned import TunedNeuron

__all__ = ["InhibitoryPlasticity", "Learned", "TunedNeuron"]
