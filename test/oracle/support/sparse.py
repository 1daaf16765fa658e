"""What spconv needs to run folded networks on a CPU, and its older layout."""

import dataclasses

import torch

from support.statistics import is_sparse


def run_biases_on_cpu(net):
    """In eval mode spconv 2.3 refuses a bias on the CPU; sparse convolutions compute the same in training mode."""
    for module in net.modules():
        if is_sparse(module):
            module.training = True
    return net


def to_spconv1(state, arrange=torch.Tensor.contiguous):
    """[out, k, k, k, in] becomes [k, k, k, in, out], as spconv 1 and mmcv keep it."""
    return permuted(state, (1, 2, 3, 4, 0), arrange)


def to_spconv2(state):
    return permuted(state, (4, 0, 1, 2, 3))


def permuted(state, order, arrange=torch.Tensor.contiguous):
    result = type(state)()
    for key, tensor in state.items():
        result[key] = arrange(tensor.permute(order)) if tensor.dim() == 5 else tensor
    result._metadata = state._metadata
    return result


def in_spconv1(pairs, state):
    """The pairs with the axis that spconv 1 keeps output channels on."""
    is_sparse_weight = lambda pair: state[f"{pair.conv}.weight"].dim() == 5
    return [dataclasses.replace(pair, out_axis=4) if is_sparse_weight(pair) else pair for pair in pairs]
