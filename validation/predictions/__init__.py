"""What theory predicts and simulation measures, a file for each kind of subject of `cross_validate`.

Each file registers its function by the type of the subject. What theory says of networks of spiking neurons comes in
sets, a file each (`state`), that `network.PREDICTIONS` names.
"""

from validation.predictions import balance, edge, learning, matrices, network, rates

KINDS = (network, matrices, rates, edge, balance, learning)
