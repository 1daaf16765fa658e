"""Networks of torchvision that look trained, and the pairs their code really has."""

import copy
import dataclasses
import functools

import torch
import torchvision
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

IMAGE = 96
# Larger is not needed: all of these networks accept it, and inception is the pickiest.
EXTRA = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"aux_logits": False, "init_weights": False},
}


@dataclasses.dataclass(frozen=True)
class Pair:
    """A convolution and the BatchNorm that its output goes into, by their names in the network."""

    conv: str
    bn: str
    eps: float
    out_axis: int = 0


@functools.cache
def _trained(name):
    torch.manual_seed(3)
    net = torchvision.models.get_model(name, weights=None, **EXTRA.get(name, {}))
    return train_statistics(net, lambda: torch.randn(8, 3, IMAGE, IMAGE))


def build(name):
    """The network in eval mode, the same each time."""
    return copy.deepcopy(_trained(name))


def images():
    return torch.randn(2, 3, IMAGE, IMAGE, generator=torch.Generator().manual_seed(1))


def train_statistics(net, sample, batches=3):
    """Gives BatchNorms random gamma and beta, and running statistics of the data that really goes through them."""
    norms = [module for module in net.modules() if isinstance(module, _BatchNorm)]
    for norm in norms:
        if norm.affine:
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, 0, 0.3)
        momentum, norm.momentum = norm.momentum, None
        norm.reset_running_stats()
        norm.oracle_momentum = momentum
    net.train()
    with torch.no_grad():
        for _ in range(batches):
            net(sample())
    for norm in norms:
        norm.momentum = norm.oracle_momentum
        del norm.oracle_momentum
    return net.eval()


def true_pairs(net):
    """Every convolution, or linear layer, whose only reader is a BatchNorm: what `all` may fold, by data flow."""
    modules = dict(net.named_modules())
    layers = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.Linear)
    pairs = []
    for node in torch.fx.symbolic_trace(net).graph.nodes:
        if node.op != "call_module" or not isinstance(modules[node.target], _BatchNorm):
            continue
        source = node.args[0]
        is_layer = source.op == "call_module" and isinstance(modules[source.target], layers)
        if is_layer and len(source.users) == 1:
            axis = 1 if isinstance(modules[source.target], nn.ConvTranspose2d) else 0
            pairs.append(Pair(source.target, node.target, modules[node.target].eps, axis))
    return pairs


def relative_error(got, want):
    """The largest difference against the largest output."""
    return ((got - want).abs().max() / want.abs().max()).item()


def outputs(net, *inputs):
    with torch.no_grad():
        return net(*inputs)
