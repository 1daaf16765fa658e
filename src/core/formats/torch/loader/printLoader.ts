import type { LoaderFacts } from './loaderFacts';
import { loaderName } from './loaderName';

/** The text of the loader. Names from the file appear in it as string literals only. */
export function printLoader(facts: LoaderFacts, inputName: string): string {
  const count = facts.folded.length;
  const parts = [
    heading(inputName, count),
    facts.hasSparse
      ? 'import re\nimport types\n\nimport torch\nfrom torch import nn'
      : plainImports,
    table(facts),
    applyFusion(facts.hasSparse),
    wrapping,
    folding,
    ...(facts.hasSparse ? [sparse] : []),
  ];
  const [first, ...rest] = parts;
  return `${[[first, ...rest.slice(0, 2)].join('\n\n'), ...rest.slice(2)].join('\n\n\n')}\n`;
}

const plainImports = 'import torch\nfrom torch import nn';

function heading(inputName: string, count: number): string {
  const file = inputName.replace(/^.*[/\\]/, '').replace(/[^\w.\- ]/g, '_');
  const module = loaderName(inputName).replace(/\.py$/, '');
  const sentence =
    count === 1
      ? `One BatchNorm of ${file} was folded into the convolution in front of it.`
      : `${count} BatchNorms of ${file} were folded into the convolutions in front of them.`;
  return `"""Makes a PyTorch network fit its fused checkpoint.

    from ${module} import apply_fusion

    network = apply_fusion(network)  # as it was built for the original checkpoint
    network.load_state_dict(fused_state_dict)

${sentence}
Written by FuseBN.
"""`;
}

function table({ folded, prefix }: LoaderFacts): string {
  const rows = folded.map(
    ({ conv, bn, channels, eps }) =>
      `    (${pythonText(conv)}, ${pythonText(bn)}, ${channels}, ${pythonFloat(eps)}),`,
  );
  return `# Convolution, the BatchNorm folded into it, channels, and the BatchNorm's eps.
FOLDED = [
${rows.join('\n')}
]

# What the checkpoint's keys have in front of the network's own names.
PREFIX = ${pythonText(prefix)}`;
}

function applyFusion(hasSparse: boolean): string {
  const sparseStep = hasSparse ? '\n    fuse_sparse_part(network)' : '';
  return `def apply_fusion(model):
    """Changes \`model\` in place so that the fused checkpoint loads strictly, and returns it."""
    network, own_prefix = unwrap(model)
    for conv_name, bn_name, channels, eps in FOLDED:
        give_bias(network.get_submodule(conv_name), channels)
        remove_batch_norm(network, bn_name, eps)${sparseStep}
    if own_prefix != PREFIX:
        rename_keys_on_load(model, own_prefix)
    return model`;
}

const wrapping = `def unwrap(model):
    """The network inside DataParallel or torch.compile, and what these put in front of its names."""
    parallel = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    prefix = ""
    while isinstance(model, parallel) or "_orig_mod" in model._modules:
        name = "module" if isinstance(model, parallel) else "_orig_mod"
        model, prefix = model._modules[name], prefix + name + "."
    return model, prefix


def rename_keys_on_load(model, own_prefix):
    """The checkpoint came from a network in another wrapper: its keys are renamed as they are loaded."""

    def own_key(key):
        if key.startswith(PREFIX):
            return own_prefix + key[len(PREFIX) :]
        return key if key.startswith(own_prefix) else own_prefix + key

    def rename(state_dict, *_):
        for key in list(state_dict):
            state_dict[own_key(key)] = state_dict.pop(key)
        versions = getattr(state_dict, "_metadata", None)
        if versions is not None:
            versions.update({own_key(key + ".")[:-1]: value for key, value in versions.items()})

    model._register_load_state_dict_pre_hook(rename)`;

const folding = `def give_bias(conv, channels):
    """A folded convolution has a bias."""
    if conv.bias is None:
        conv.bias = nn.Parameter(conv.weight.detach().new_zeros(channels))


def remove_batch_norm(network, name, eps):
    """PyTorch's own BatchNorms become Identity; other classes may hold an activation and are made neutral."""
    parent_name, _, child = name.rpartition(".")
    parent = network.get_submodule(parent_name)
    batch_norm = parent._modules[child]
    if type(batch_norm).__module__.startswith("torch.nn.") and not trains_for_quantization(parent):
        setattr(parent, child, nn.Identity())
    elif not isinstance(batch_norm, nn.Identity):
        make_neutral(batch_norm, getattr(batch_norm, "eps", eps))


def trains_for_quantization(module):
    """PyTorch's ConvBn2d reads the parameters of the BatchNorm inside it."""
    return type(module).__module__.startswith("torch.ao.nn.intrinsic.qat")


def make_neutral(batch_norm, eps):
    """An exact identity that keeps its class, and keeps nothing in the state_dict."""
    values = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1 - eps}
    for name, value in {**values, "num_batches_tracked": 0}.items():
        tensor = getattr(batch_norm, name, None)
        if isinstance(tensor, torch.Tensor):
            delattr(batch_norm, name)
            neutral = torch.full_like(tensor.detach(), value)
            batch_norm.register_buffer(name, neutral, persistent=False)`;

const sparse = `def fuse_sparse_part(network):
    """ReLUs beside a sparse convolution are no longer in place; sparse residual blocks run without BatchNorm."""
    for module in network.modules():
        children = list(module.children())
        if any(is_sparse_convolution(child) for child in children):
            for child in children:
                if isinstance(child, nn.ReLU):
                    child.inplace = False
    folded = {conv: bn for conv, bn, _, _ in FOLDED}
    for name, block in network.named_modules():
        bn_names = [folded.get(f"{name}.{conv}".lstrip(".")) for conv in ("conv1", "conv2")]
        if type(block).__name__ == "SparseBasicBlock" and None not in bn_names:
            for bn_name in bn_names:
                delattr(block, bn_name.rpartition(".")[2])
            block.forward = types.MethodType(sparse_basic_block_forward, block)


def is_sparse_convolution(module):
    return re.match(r"(Quant)?(SubM|Sparse)\\w*Conv", type(module).__name__) is not None


def sparse_basic_block_forward(block, x):
    """Two convolutions with their biases, ReLU on the features, residual sum."""
    identity = x.features
    out = block.conv1(x)
    out = with_features(out, block.relu(out.features))
    out = block.conv2(out)
    if getattr(block, "downsample", None) is not None:
        identity = block.downsample(x).features
    add = getattr(block, "quant_add", torch.add)
    return with_features(out, block.relu(add(out.features, identity)))


def with_features(tensor, features):
    """spconv 2 makes a new sparse tensor; spconv 1 changes the old one."""
    if hasattr(tensor, "replace_feature"):
        return tensor.replace_feature(features)
    tensor.features = features
    return tensor`;

/** A string literal that JSON and Python read alike. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}

function pythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
