"""VGG-16 with batch norm for 32x32 images, as the MAXL paper uses it: a trunk and dense heads."""

import torch
from torch import nn

BLOCKS = (2, 2, 3, 3, 3)
WIDTHS = (64, 128, 256, 512, 512)


def conv_block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]


class Vgg16(nn.Module):
    """Images `[batch, 3, 32, 32]` to one tensor of logits per head."""

    def __init__(self, heads, multiplier=1.0):
        super().__init__()
        widths = [max(1, round(width * multiplier)) for width in WIDTHS]
        layers, channels = [], 3
        for count, width in zip(BLOCKS, widths):
            for _ in range(count):
                layers += conv_block(channels, width)
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.trunk = nn.Sequential(*layers)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(channels, channels), nn.ReLU(), nn.Linear(channels, outputs)) for outputs in heads
        )

    def forward(self, x):
        features = self.trunk(x).flatten(1)
        return [head(features) for head in self.heads]


def block_mask(classes, psi):
    """1 where an auxiliary class belongs to the sample's primary class: `[batch, sum(psi)]`."""
    owners = torch.repeat_interleave(torch.arange(len(psi)), torch.tensor(psi))
    return (owners[None, :] == classes[:, None]).to(torch.get_default_dtype())
