"""Whether two loaded files hold the same, apart from the state_dicts that a fold changes."""

import torch

from support.folding import check_same


def check_rest(before, after, states, path="file"):
    """Asserts that both objects are equal but for the dicts in `states`, which belong to `before`."""
    if any(before is state for state in states):
        return
    assert type(before) is type(after), path
    if isinstance(before, torch.Tensor):
        check_same(before, after, path)
    elif isinstance(before, dict):
        assert list(before) == list(after), path
        for key, value in before.items():
            check_rest(value, after[key], states, f"{path}[{key!r}]")
    elif isinstance(before, (list, tuple)):
        assert len(before) == len(after), path
        for index, pair in enumerate(zip(before, after)):
            check_rest(*pair, states, f"{path}[{index}]")
    elif hasattr(before, "__dict__"):
        check_rest(vars(before), vars(after), states, f"{path}.__dict__")
    else:
        assert before == after, path
