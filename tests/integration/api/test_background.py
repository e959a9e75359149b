"""A server in a process of its own, as Hivemind's tests and examples use it."""

import psutil
import torch

from core.api import DHT, background_server, create_remote_experts, get_experts


def test_a_background_server_serves_and_is_gone_afterwards(tmp_path) -> None:
    before = {child.pid for child in psutil.Process().children()}
    settings = {"expert_uids": ["bg.0", "bg.1"], "expert_cls": "det_dropout", "hidden_dim": 8}
    torch.manual_seed(0)
    x, mask = torch.randn(3, 8), torch.randint(0, 2, (3, 8))
    outputs = []
    for _ in range(2):
        with background_server(**settings, checkpoint_dir=str(tmp_path), update_period=60) as server:  # noqa: SIM117 - one begins after it
            with DHT(server.addrs, start=True) as dht:
                experts = create_remote_experts(get_experts(dht, ["bg.0", "bg.1"]), dht)
                assert [each.peer_id for each in experts] == [server.peer_id] * 2
                if outputs:
                    outputs.append(experts[0](x, mask).detach())
                else:
                    experts[0](x, mask).sum().backward()
                    outputs.append(experts[0](x, mask).detach())
        assert {child.pid for child in psutil.Process().children()} == before
    torch.testing.assert_close(outputs[1], outputs[0])  # what it had learned was saved
