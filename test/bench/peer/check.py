"""Checks the tuned peer's meta-gradient and training step against the published ones in float64: python check.py"""

import torch

from published import Published
from tuned import Tuned

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
psi = [3, 1, 2, 4]
published, tuned = Published(psi, 0.06), Tuned(psi, 0.06)
tuned.network.load_state_dict(published.network.state_dict())
tuned.label_network.load_state_dict(published.label_network.state_dict())
x, classes = torch.randn(12, 3, 32, 32), torch.randint(len(psi), (12,))


def flat(network, of=lambda p: p.detach()):
    return torch.cat([of(p).flatten() for p in network.parameters()])


def relative(a, b):
    return ((a - b).norm() / b.norm()).item()


losses = [peer.meta_gradient(*peer.prepare(x, classes)) for peer in (tuned, published)]
error = relative(*(flat(peer.label_network, lambda p: p.grad) for peer in (tuned, published)))
before = flat(published.network)
for cosine in (False, True):
    for peer in (tuned, published):
        peer.train_step(*peer.prepare(x, classes), cosine)
moved = relative(flat(tuned.network) - before, flat(published.network) - before)
print(f"meta-gradient {error:.1e}, losses {abs(losses[0] - losses[1]):.1e}, two training steps {moved:.1e}")
if max(error, moved) > 1e-10:
    raise SystemExit("the peers disagree")
