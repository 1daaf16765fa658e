"""Whether two loaded files hold the same, apart from the state_dicts that a fold changes."""

import torch

from support.folding import check_same


def check_rest(before, after, states):
    """Asserts that both objects are equal but for the dicts in `states`, which belong to `before`."""
    # What was seen is not looked at again: objects may hold themselves.
    compare(before, after, "file", {id(state) for state in states})


def compare(before, after, path, seen):
    if id(before) in seen:
        return
    if isinstance(before, (dict, list)) or hasattr(before, "__dict__"):
        seen.add(id(before))
    assert type(before) is type(after), path
    if isinstance(before, torch.Tensor):
        check_same(before, after, path)
    elif isinstance(before, dict):
        assert list(before) == list(after), path
        for key, value in before.items():
            compare(value, after[key], f"{path}[{key!r}]", seen)
    elif isinstance(before, (list, tuple)):
        assert len(before) == len(after), path
        for index, pair in enumerate(zip(before, after)):
            compare(*pair, f"{path}[{index}]", seen)
    elif hasattr(before, "__dict__"):
        compare(vars(before), vars(after), f"{path}.__dict__", seen)
    else:
        assert before == after, path
