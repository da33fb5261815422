"""What torch holds: exact, where resident memory also counts what the allocator keeps for later."""

import gc
import warnings

import torch


def live_bytes():
    """The bytes of all tensors that anybody still holds, each storage once."""
    gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # looking at an object may wake a deprecated attribute of it
        found = [one for one in gc.get_objects() if type(one) in (torch.Tensor, torch.nn.Parameter)]
        storages = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in found}
    return sum(storages.values())
