"""The same fold by PyTorch: load, fold every `conv` with the `bn` beside it, save. Takes input and output."""

import resource
import sys

import torch

source, target = sys.argv[1:3]
state = torch.load(source, mmap=True)
for key in [key for key in state if key.endswith(".conv.weight")]:
    bn = key.removesuffix("conv.weight") + "bn."
    gamma, beta, mean, variance = (
        state.pop(bn + leaf) for leaf in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma * torch.rsqrt(variance + 1e-5)
    state[key] = state[key] * scale.reshape(-1, 1, 1, 1)
    state[key.removesuffix("weight") + "bias"] = beta - mean * scale
torch.save(state, target)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
