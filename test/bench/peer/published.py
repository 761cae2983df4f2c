"""
The published MAXL algorithm (Liu, Davison and Johns, NeurIPS 2019) as a plain PyTorch program: the training step's gradients
flow on through the label network, the meta-step differentiates twice, or takes central finite differences of first-order
gradients, whose label networks run anew for each difference and whose entropy term is lost.
"""

import torch
from torch.func import functional_call
from torch.nn.functional import cosine_similarity, one_hot

from network import Vgg16, block_mask

ALPHA = 0.01


def focal(logits, targets):
    p = torch.softmax(logits, 1)
    return (-targets * (1 - p) ** 2 * torch.log(p + 1e-20)).sum(1).mean()


def mask_softmax(logits, mask):
    masked = torch.exp(logits) * mask
    return masked / masked.sum(1, keepdim=True)


def entropy(labels):
    mean = labels.mean(0)
    return (mean * torch.log(mean + 1e-20)).sum()


class Published:
    def __init__(self, psi, multiplier=1.0):
        self.psi = psi
        self.network = Vgg16([len(psi), sum(psi)], multiplier)
        self.label_network = Vgg16([sum(psi)], multiplier)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=ALPHA)
        self.label_optimizer = torch.optim.SGD(self.label_network.parameters(), lr=1e-3, weight_decay=5e-4)

    def prepare(self, x, classes):
        return x, classes

    def labels(self, x, classes):
        return mask_softmax(self.label_network(x)[0], block_mask(classes, self.psi))

    def losses(self, outputs, classes, labels):
        return self.primary(outputs, classes), focal(outputs[1], labels)

    def primary(self, outputs, classes):
        return focal(outputs[0], one_hot(classes, len(self.psi)))

    def train_step(self, x, classes, cosine=False):
        self.optimizer.zero_grad()
        primary, auxiliary = self.losses(self.network(x), classes, self.labels(x, classes))
        measured = self.rowwise_cosine(primary, auxiliary) if cosine else None
        (primary + auxiliary).backward()
        self.optimizer.step()
        return primary.item(), auxiliary.item(), measured

    def rowwise_cosine(self, primary, auxiliary):
        """Of each trunk tensor the mean over its output channels' rows, then the mean over the tensors."""
        trunk = list(self.network.trunk.parameters())
        pairs = zip(*(torch.autograd.grad(loss, trunk, retain_graph=True) for loss in (primary, auxiliary)))
        rows = [cosine_similarity(p.reshape(len(p), -1), a.reshape(len(a), -1), dim=1).mean() for p, a in pairs]
        return torch.stack(rows).mean().item()

    def ahead(self, x, classes, labels, create_graph):
        parameters = dict(self.network.named_parameters())
        loss = sum(self.losses(self.network(x), classes, labels))
        gradients = torch.autograd.grad(loss, parameters.values(), create_graph=create_graph)
        return {name: p - ALPHA * g for (name, p), g in zip(parameters.items(), gradients)}

    def meta_gradient(self, x, classes):
        """Leaves the gradient in the label network's `.grad`."""
        self.label_optimizer.zero_grad()
        labels = self.labels(x, classes)
        ahead = self.ahead(x, classes, labels, create_graph=True)
        loss = self.primary(functional_call(self.network, ahead, (x,)), classes)
        (loss + 0.2 * entropy(labels)).backward()
        return loss.item()

    def meta_step(self, x, classes):
        loss = self.meta_gradient(x, classes)
        self.label_optimizer.step()
        return loss

    def meta_step_finite_difference(self, x, classes):
        network, label_parameters = self.network, list(self.label_network.parameters())
        ahead = self.ahead(x, classes, self.labels(x, classes), create_graph=False)
        ahead = {name: p.detach().requires_grad_() for name, p in ahead.items()}
        loss = self.primary(functional_call(network, ahead, (x,)), classes)
        v = torch.autograd.grad(loss, ahead.values(), allow_unused=True)
        norm = torch.cat([g.flatten() for g in v if g is not None]).norm()
        epsilon = 0.01 / norm
        differences = []
        for sign in (1, -1):
            moved = {
                name: p if g is None else p + sign * epsilon * g
                for (name, p), g in zip(network.named_parameters(), v)
            }
            _, auxiliary = self.losses(functional_call(network, moved, (x,)), classes, self.labels(x, classes))
            differences.append(torch.autograd.grad(auxiliary, label_parameters))
        for p, plus, minus in zip(label_parameters, *differences):
            p.grad = -ALPHA * (plus - minus) / (2 * epsilon)
        self.label_optimizer.step()
        return loss.item()
