"""Queries of kind `image` in PyTorch, and the values that imageQueries.test.ts holds ours to.

Run: python3 image_queries.py > imageQueries.json. Weights and inputs follow the hash formula of test/helpers/hashValues.ts,
so no file stores them. Parts with an assignment are matched by scipy; the image tower is left out: its maps are inputs.
"""
import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment

torch.set_default_dtype(torch.float64)
CONFIG = dict(pictures=2, classes=3, features=16, width=32, heads=4, queries=5, layers=2, inner=48, gateInner=24,
              classInner=40, temperature=0.07, rows=[4, 2], channels=[12, 20])
TARGETS = [([0, 2, 1], [[0.2, 0.3, 0.2, 0.1], [0.7, 0.6, 0.3, 0.4], [0.5, 0.9, 0.1, 0.1]]), ([1], [[0.4, 0.4, 0.5, 0.5]])]


def hashed(name, count):
    base = 2166136261
    for byte in name.encode():
        base = ((base ^ byte) * 16777619) & 0xFFFFFFFF
    out = np.empty(count)
    for i in range(count):
        x = (base + i * 0x9E3779B9) & 0xFFFFFFFF
        x ^= x >> 16
        x = (x * 0x85EBCA6B) & 0xFFFFFFFF
        x ^= x >> 13
        x = (x * 0xC2B2AE35) & 0xFFFFFFFF
        x ^= x >> 16
        out[i] = (x >> 8) / 2**23 - 1
    return torch.from_numpy(out)


weights = {}


def weight(name, *shape):
    if name not in weights:
        size = math.prod(shape)
        u = hashed('w:' + name, size)
        if len(shape) >= 2:
            u = u * math.sqrt(3 / math.prod(shape[1:]))
        else:
            u = 1 + 0.1 * u if name.endswith('weight') else 0.1 * u
        weights[name] = u.reshape(shape).requires_grad_()
    return weights[name]


def linear(name, x, out):
    return F.linear(x, weight(name + '.weight', out, x.shape[-1]), weight(name + '.bias', out))


def norm(name, x):
    d = x.shape[-1]
    return F.layer_norm(x, (d,), weight(name + '.weight', d), weight(name + '.bias', d))


def attend(name, x, memory, heads):
    d = x.shape[-1]
    w, b = weight(name + '.in_proj_weight', 3 * d, d), weight(name + '.in_proj_bias', 3 * d)
    return F.multi_head_attention_forward(
        x.transpose(0, 1), memory.transpose(0, 1), memory.transpose(0, 1), d, heads, w, b, None, None, False, 0.0,
        weight(name + '.out_proj.weight', d, d), weight(name + '.out_proj.bias', d))[0].transpose(0, 1)


def decoder_layer(name, q, memory, c):
    y = norm(name + '.norm1', q + attend(name + '.self_attn', q, q, c['heads']))
    z = norm(name + '.norm2', y + attend(name + '.multihead_attn', y, memory, c['heads']))
    inner = F.relu(linear(name + '.linear1', z, c['inner']))
    return norm(name + '.norm3', z + linear(name + '.linear2', inner, z.shape[-1]))


def sine2d(rows, columns, width):
    half = width // 2
    out = torch.empty(rows, columns, width)
    for i in range(rows):
        for j in range(columns):
            for k in range(half):
                w = 10000 ** (2 * (k // 2) / half)
                wave = math.sin if k % 2 == 0 else math.cos
                out[i, j, k] = wave(2 * math.pi * (i + 1) / (rows + 1e-6) / w)
                out[i, j, half + k] = wave(2 * math.pi * (j + 1) / (columns + 1e-6) / w)
    return out.reshape(rows * columns, width)


def box_numbers(name, q):
    x = F.relu(linear(name + '.0', q, q.shape[-1]))
    return linear(name + '.4', F.relu(linear(name + '.2', x, q.shape[-1])), 4)


def model(c3, c4, features, texts, c):
    d, tau = c['width'], c['temperature']
    n = features.shape[0]
    texts, scene = F.normalize(texts, dim=-1), F.normalize(features, dim=-1)
    known = torch.cat([texts.expand(n, -1, -1), scene[:, None]], 1)
    levels = weight('level_embed', 2, d)
    maps = []
    for level, m in enumerate((c3, c4)):
        rows, channels = m.shape[1], m.shape[3]
        w = weight(f'input_proj.{level}.weight', d, channels, 1, 1).reshape(d, channels)
        tokens = F.linear(m.reshape(n, rows * rows, channels), w, weight(f'input_proj.{level}.bias', d))
        maps.append(tokens + sine2d(rows, rows, d) + levels[level])
    memory = torch.cat(maps, 1)
    context = torch.softmax(scene @ texts.T / tau, -1) @ texts
    told = linear('text_conditioner.text_proj', context, d)[:, None]
    gate = 'context_gating.gating.gamma_beta_net'
    y = linear(gate + '.2', F.relu(linear(gate + '.0', scene, c['gateInner'])), 2 * d)[:, None]

    def lead(q):
        return y[..., :d] * norm('text_conditioner.norm', q + told) + y[..., d:]

    def said(place, q, before):
        numbers = box_numbers(place + 'regression_head.mlp', q) + before
        head = place + 'classification_head.mlp'
        local = F.normalize(linear(head + '.3', F.relu(linear(head + '.0', q, c['classInner'])), c['features']), dim=-1)
        return numbers, local @ known.transpose(1, 2) / tau

    found = norm('place_proposal.norm', linear('place_proposal.proj', memory, d))
    anchors = torch.tensor([[(j + 0.5) / r, (i + 0.5) / r, min(0.9, 1 / r), min(0.9, 1 / r)]
                            for r in c['rows'] for i in range(r) for j in range(r)])
    numbers, logits = said('place_proposal.', found, torch.log(anchors / (1 - anchors)))
    parts = [(torch.sigmoid(numbers), logits)]
    score = logits[..., :-1].amax(-1) - torch.logsumexp(logits, -1)
    best = torch.argsort(score.detach(), dim=1, descending=True, stable=True)[:, :c['queries']]

    def pick(x):
        return torch.gather(x, 1, best[..., None].expand(-1, -1, x.shape[-1]))

    q, numbers = pick(found), pick(numbers).detach()
    for k in range(c['layers']):
        waves = d // 8
        w = 2 * math.pi * 8 ** (torch.arange(waves) / max(1, waves - 1))
        angles = torch.sigmoid(numbers)[..., None] * w
        sines = torch.cat([angles.sin(), angles.cos()], -1).flatten(2)
        where = linear('box_position.2', F.relu(linear('box_position.0', sines, d)), d)
        q = decoder_layer(f'decoder_layers.{k}', lead(q) + where, memory, c)
        numbers, logits = said('', q, numbers)
        parts.append((torch.sigmoid(numbers), logits))
        numbers = numbers.detach()
    return parts


def corners(b):
    return torch.cat([b[..., :2] - b[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2], -1)


def giou(a, b):
    a, b = corners(a), corners(b)
    side = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0)
    cover = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    inter = side.prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - inter
    return inter / (union + 1e-6) - (cover - union) / (cover + 1e-6)


def losses(boxes, logits, matches):
    n, background = logits.shape[0], logits.shape[2] - 1
    classes = torch.full(logits.shape[:2], background)
    l1, overlap, contrast = [], [], 0
    for i, (labels, targets) in enumerate(TARGETS):
        own = []
        for query, target in matches[i]:
            classes[i, query] = labels[target]
            box, truth = boxes[i, query], torch.tensor(targets[target])
            l1.append((box - truth).abs().sum())
            overlap.append(1 - giou(box, truth))
            own.append(F.softplus(logits[i, query, background] - logits[i, query, labels[target]]))
        contrast = contrast + torch.stack(own).mean() / n
    weight_of = torch.ones(background + 1)
    weight_of[background] = 0.1
    ce = F.cross_entropy(logits.flatten(0, 1), classes.flatten(), weight_of)
    return 5 * torch.stack(l1).mean() + 2 * torch.stack(overlap).mean() + contrast + ce


def match(boxes, logits):
    found = []
    for i, (labels, targets) in enumerate(TARGETS):
        truth = torch.tensor(targets)
        p = torch.softmax(logits[i], -1)[:, labels]
        cost = 5 * (boxes[i][:, None] - truth).abs().sum(-1) - p - 2 * giou(boxes[i][:, None], truth)
        found.append(sorted(zip(*map(lambda a: a.tolist(), linear_sum_assignment(cost.detach().numpy())))))
    return found


c = CONFIG
n = c['pictures']
maps = [hashed(name, n * r * r * ch).reshape(n, r, r, ch) for name, r, ch in zip(('c3', 'c4'), c['rows'], c['channels'])]
features = hashed('features', n * c['features']).reshape(n, -1)
texts = hashed('texts', c['classes'] * c['features']).reshape(c['classes'], -1)
parts = model(*maps, features, texts, c)
matches = [match(*part) for part in parts]
total = sum(losses(*part, pairs) for part, pairs in zip(parts, matches))
total.backward()


def listed(x):
    return [float(f'{v:.7g}') for v in x.detach().flatten().tolist()]


json.dump(dict(
    config=c, targets=TARGETS, matches=matches, loss=float(total),
    parts=[dict(boxes=listed(b), logits=listed(l)) for b, l in parts],
    # Length and first values of each gradient.
    gradients={name: [float(f'{w.grad.norm():.7g}'), *listed(w.grad.flatten()[:4])] for name, w in sorted(weights.items())},
), sys.stdout)
