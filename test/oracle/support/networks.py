"""Networks of torchvision that look trained."""

import copy
import functools

import torch
import torchvision

from support.statistics import train_statistics, true_pairs

IMAGE = 96
EXTRA = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"aux_logits": False, "init_weights": False},
}


@functools.cache
def _trained(name):
    torch.manual_seed(3)
    net = torchvision.models.get_model(name, weights=None, **EXTRA.get(name, {}))
    return train_statistics(net, lambda net: net(torch.randn(8, 3, IMAGE, IMAGE)))


def build(name):
    """The network in eval mode, the same each time."""
    return copy.deepcopy(_trained(name))


@functools.cache
def pairs_of(name):
    """The pairs of the network's code."""
    return true_pairs(_trained(name), lambda net: net(images()))


def images():
    return torch.randn(2, 3, IMAGE, IMAGE, generator=torch.Generator().manual_seed(1))


def outputs(net, *inputs):
    with torch.no_grad():
        result = net(*inputs)
    # googlenet and inception return a tuple when they are scripted.
    return result if isinstance(result, torch.Tensor) else result[0]
