"""The names that Hivemind's users know, at no cost to those who do not use them."""

import inspect
import subprocess
import sys

import pytest

from core import api

PROMISED = [
    "DHT",
    "get_dht_time",
    "ValueWithExpiration",
    "Server",
    "background_server",
    "register_expert_class",
    "ModuleBackend",
    "RemoteExpert",
    "create_remote_experts",
    "get_experts",
    "declare_experts",
    "MoEBeamSearcher",
    "RemoteMixtureOfExperts",
    "RemoteSwitchMixtureOfExperts",
    "ExpertInfo",
    "BatchTensorDescriptor",
    "serialize_torch_tensor",
    "deserialize_torch_tensor",
    "CompressionType",
    "DecentralizedAverager",
    "Optimizer",
]

HIVEMINDS = {
    "RemoteMixtureOfExperts": "in_features grid_size dht uid_prefix k_best k_min forward_timeout timeout_after_k_min "
    "backward_k_min backward_timeout detect_anomalies allow_zero_outputs",
    "RemoteSwitchMixtureOfExperts": "grid_size utilization_alpha grid_dropout jitter_eps k_best k_min backward_k_min "
    "allow_zero_outputs",
    "Server.create": "num_experts expert_uids expert_pattern expert_cls hidden_dim optim_cls scheduler "
    "num_warmup_steps num_training_steps clip_grad_norm num_handlers min_batch_size max_batch_size device "
    "initial_peers checkpoint_dir compression stats_report_interval custom_module_path update_period expiration start",
    "ModuleBackend": "name module optimizer scheduler args_schema kwargs_schema outputs_schema",
    "DHT": "initial_peers start daemon num_workers record_validators shutdown_timeout await_ready",
    "DHT.store": "key value expiration_time subkey return_future",
    "DHT.get": "key latest return_future",
    "MoEBeamSearcher": "dht uid_prefix grid_size num_workers negative_caching cache_expiration",
    "DecentralizedAverager.step": "gather scheduled_time weight timeout allow_retries require_trigger wait",
    "Optimizer": "dht run_id target_batch_size batch_size_per_step optimizer params scheduler matchmaking_time "
    "averaging_timeout average_state_every use_local_updates client_mode auxiliary grad_compression extra_tensors",
}


def test_every_promised_name_is_there() -> None:
    assert set(PROMISED) <= set(api.__all__) == set(dir(api))
    for name in api.__all__:
        assert getattr(api, name).__doc__
    with pytest.raises(AttributeError, match="it has"):
        api.Petals  # noqa: B018


@pytest.mark.parametrize("path", sorted(HIVEMINDS))
def test_parameters_have_hivemind_s_names(path: str) -> None:
    found = api
    for part in path.split("."):
        found = getattr(found, part)
    assert set(HIVEMINDS[path].split()) <= set(inspect.signature(found).parameters)


def test_importing_it_loads_neither_torch_nor_zeromq() -> None:
    code = "import sys, core.api; sys.exit(bool({'torch', 'zmq', 'net'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=50, check=False).returncode == 0


def test_defect_10_nothing_forks() -> None:
    """Hivemind forks its DHT, handlers and averagers: no Windows, and freezes beside threads."""
    source = "".join(inspect.getsource(sys.modules[getattr(api, name).__module__]) for name in api.__all__)
    assert not any(word in source for word in ("multiprocessing", "os.fork", "uvloop", "AF_UNIX"))
