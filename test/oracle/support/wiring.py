"""What feeds each convolution, by tracing the network's code."""

import dataclasses

import torch
import torch.fx
from torch import nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from support.statistics import LAYERS

ACTIVATIONS = {
    nn.ReLU: "relu",
    nn.ReLU6: "relu6",
    nn.SiLU: "silu",
    nn.Hardswish: "hardswish",
    F.relu: "relu",
    torch.relu: "relu",
    "relu": "relu",
}


@dataclasses.dataclass(frozen=True)
class Feed:
    """A BatchNorm that reaches a convolution, and the activation nearest to the convolution on that way."""

    bn: str
    activation: str


def true_feeds(net):
    """The feeds of every convolution whose output goes straight into a BatchNorm, by name of the convolution."""
    traced = torch.fx.symbolic_trace(net)
    modules = dict(traced.named_modules())

    def module_of(node):
        return modules[node.target] if node.op == "call_module" else None

    def activation_of(node):
        kind = type(module_of(node)) if node.op == "call_module" else node.target
        return ACTIVATIONS.get(kind)

    def explore(node, activation, found, seen):
        if (node, activation) in seen:
            return
        seen.add((node, activation))
        if isinstance(module_of(node), _BatchNorm):
            found.add(Feed(str(node.target), activation or "none"))
        elif not isinstance(module_of(node), LAYERS):
            nearest = activation or activation_of(node)
            for source in node.all_input_nodes:
                explore(source, nearest, found, seen)

    feeds = {}
    for node in traced.graph.nodes:
        source = node.all_input_nodes[0] if node.all_input_nodes else None
        if isinstance(module_of(node), _BatchNorm) and isinstance(module_of(source), LAYERS):
            found = set()
            explore(source.all_input_nodes[0], None, found, set())
            feeds[str(source.target)] = found
    return feeds
