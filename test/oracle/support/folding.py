"""What folding must make of a state_dict, in float64, and the checks against it."""

import dataclasses
import hashlib

import torch

# Bits behind the leading one, and the exponent of the smallest subnormal.
FORMATS = {
    torch.float64: (52, -1074),
    torch.float32: (23, -149),
    torch.float16: (10, -24),
    torch.bfloat16: (7, -133),
}
DOUBLE_ROUNDING = 2.0**-53


@dataclasses.dataclass(frozen=True)
class Exact:
    """Values in float64, and how far their own rounding may reach."""

    values: torch.Tensor
    doubt: torch.Tensor

    def check(self, stored, name):
        """Asserts that `stored` is the nearest number of its format (of float64: four units away at most)."""
        mantissa, smallest = FORMATS[stored.dtype]
        exponent = torch.frexp(self.values).exponent - 1 - mantissa
        unit = torch.ldexp(torch.ones_like(self.values), exponent.clamp(min=smallest))
        units = 4 if stored.dtype == torch.float64 else 0.5
        error = (stored.double() - self.values).abs()
        worst = (error - self.doubt) / unit
        assert (worst <= units).all(), f"{name}: {worst.max().item()} ULP"


def digest(tensor):
    """SHA-256 of the elements in row-major order; of exact values as float32 holds them."""
    if isinstance(tensor, Exact):
        tensor = tensor.values.float()
    return hashlib.sha256(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()


def channels(scale, dims, axis):
    shape = [1] * dims
    shape[axis] = -1
    return scale.reshape(shape)


def fold_exactly(state, pair):
    """Weight and bias of a pair after folding."""
    weight = state[f"{pair.conv}.weight"]
    mean, variance = (state[f"{pair.bn}.running_{key}"].double() for key in ("mean", "var"))
    one, zero = torch.ones_like(mean), torch.zeros_like(mean)
    gamma = state.get(f"{pair.bn}.weight", one).double()
    beta = state.get(f"{pair.bn}.bias", zero).double()
    bias = state.get(f"{pair.conv}.bias", zero).double()
    scale = gamma / torch.sqrt(variance + pair.eps)
    folded = weight.double() * channels(scale, weight.dim(), pair.out_axis)
    terms = (bias.abs() + mean.abs()) * scale.abs() + beta.abs()
    return (
        Exact(folded, 4 * DOUBLE_ROUNDING * folded.abs()),
        Exact((bias - mean) * scale + beta, 4 * DOUBLE_ROUNDING * terms),
    )


def check_folded(before, after, pairs):
    """The rules of `fold`: BatchNorm keys go, a new bias follows its weight, everything else stays as it was."""
    gone = {f"{pair.bn}." for pair in pairs}
    convs = {pair.conv for pair in pairs}
    keys = []
    for key in before:
        path, _, leaf = key.rpartition(".")
        if f"{path}." in gone:
            continue
        keys.append(key)
        if path in convs and leaf == "weight" and f"{path}.bias" not in before:
            keys.append(f"{path}.bias")
    assert list(after) == keys, first_difference(list(after), keys)
    exact = exact_tensors(before, pairs)
    for key in keys:
        if key in exact:
            exact[key].check(after[key], key)
            if key in before:
                assert after[key].stride() == before[key].stride(), key
            assert after[key].dtype == before[f"{key.rpartition('.')[0]}.weight"].dtype, key
        else:
            check_same(before[key], after[key], key)
    check_metadata(before, after)


def check_neutral(before, after, pairs):
    """The rules of `drop-in`: all keys stay, and each folded BatchNorm adds its bias and does nothing else."""
    assert list(after) == list(before), first_difference(list(after), list(before))
    changed = {}
    for pair in pairs:
        weight, bias = fold_exactly(before, pair)
        mean = before[f"{pair.bn}.running_mean"]
        changed[f"{pair.conv}.weight"] = weight
        changed[f"{pair.bn}.running_mean"] = known(torch.zeros_like(mean))
        changed[f"{pair.bn}.running_var"] = known(torch.full_like(mean, 1 - pair.eps))
        if f"{pair.bn}.weight" in before:
            changed[f"{pair.bn}.weight"] = known(torch.ones_like(mean))
            changed[f"{pair.bn}.bias"] = bias
            if f"{pair.conv}.bias" in before:
                changed[f"{pair.conv}.bias"] = known(torch.zeros_like(mean))
        elif f"{pair.conv}.bias" in before:
            changed[f"{pair.conv}.bias"] = bias
        else:
            changed[f"{pair.bn}.running_mean"] = Exact(-bias.values, bias.doubt)
    for key, tensor in after.items():
        if key in changed:
            changed[key].check(tensor, key)
            assert tensor.stride() == before[key].stride(), key
            assert tensor.dtype == before[key].dtype, key
        else:
            check_same(before[key], tensor, key)
    check_metadata(before, after)


def exact_tensors(before, pairs):
    result = {}
    for pair in pairs:
        result[f"{pair.conv}.weight"], result[f"{pair.conv}.bias"] = fold_exactly(before, pair)
    return result


def known(values):
    return Exact(values.double(), torch.zeros_like(values, dtype=torch.float64))


def check_same(before, after, key):
    """The same dtype, shape, strides and bits."""
    assert before.dtype == after.dtype, key
    assert before.shape == after.shape, key
    assert before.stride() == after.stride(), key
    bits = lambda tensor: tensor.contiguous().reshape(-1).view(torch.uint8)
    assert torch.equal(bits(before), bits(after)), key


def check_metadata(before, after):
    assert getattr(before, "_metadata", None) == getattr(after, "_metadata", None)


def first_difference(got, wanted):
    for index, (one, other) in enumerate(zip(got, wanted)):
        if one != other:
            return f"key {index} is {one} instead of {other}"
    return f"{len(got)} keys instead of {len(wanted)}"
