"""Networks that look trained, and the pairs they really have."""

import dataclasses

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear)


@dataclasses.dataclass(frozen=True)
class Pair:
    """A convolution and the BatchNorm that its output goes into, by their names in the network."""

    conv: str
    bn: str
    eps: float
    out_axis: int


def train_statistics(net, run, batches=3):
    """Gives BatchNorms random gamma and beta, and running statistics of the data that really goes through them."""
    norms = [module for module in net.modules() if isinstance(module, _BatchNorm)]
    momentum = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None  # The plain average of all batches.
        norm.reset_running_stats()
        if norm.affine:
            nn.init.uniform_(norm.weight, 0.7, 1.3)
            nn.init.normal_(norm.bias, 0, 0.2)
    net.train()
    with torch.no_grad():
        for _ in range(batches):
            run(net)
    for norm, value in zip(norms, momentum):
        norm.momentum = value
    return net.eval()


def true_pairs(net, run):
    """What feeds each BatchNorm, seen while the network runs: the output of a convolution or linear layer, as it is."""
    makers, pairs, alive = {}, [], []
    names = {module: name for name, module in net.named_modules()}

    def identity(value):
        tensor = getattr(value, "features", value)
        # Tensors stay alive, or another one would get the same id; a change in place makes another version.
        alive.append(tensor)
        return id(tensor), tensor._version

    def on_layer(module, inputs, output):
        makers[identity(output)] = module

    def on_norm(module, inputs, output):
        conv = makers.get(identity(inputs[0]))
        if conv is not None:
            is_transposed = "ConvTranspose" in type(conv).__name__ and not is_sparse(conv)
            pairs.append(Pair(names[conv], names[module], module.eps, int(is_transposed)))

    hooks = [
        module.register_forward_hook(on_norm if isinstance(module, _BatchNorm) else on_layer)
        for module in net.modules()
        if isinstance(module, (_BatchNorm, *LAYERS)) or is_sparse(module)
    ]
    with torch.no_grad():
        run(net)
    for hook in hooks:
        hook.remove()
    return pairs


def is_sparse(module):
    """A convolution of spconv, without importing it."""
    return any(base.__name__ == "SparseConvolution" for base in type(module).__mro__)


def relative_error(got, want):
    """The largest difference against the largest output."""
    return ((got - want).abs().max() / want.abs().max()).item()
