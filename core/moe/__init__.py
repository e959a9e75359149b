"""The decentralized mixture of experts: gating, dispatch, combination."""
