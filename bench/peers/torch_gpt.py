#!/usr/bin/env python3
"""The same training step in PyTorch: nanoGPT's arithmetic (GPT-2 with LayerNorm, learned positions, exact GELU, tied embedding, no
biases), float32 or, with --bf16, products in bfloat16. Gradients are clipped to a global norm of 1; AdamW decays matrices; the learning rate
has a warm-up and half a cosine. No logging, no evaluation.

Starts from the weights in a checkpoint directory of ours (config.json, model.safetensors), reads a text, or token ids from a file, and
prints one JSON document: the losses (with --losses, or on another device than the CPU), and the milliseconds of each step. Needs only
PyTorch, 1.13 or newer.
"""
import argparse
import json
import math
import os
import struct
import time

import torch
from torch import nn
from torch.nn import functional as F


def safetensors(path):
    """Reads a safetensors file (the header's length in 8 bytes, a JSON header, the data): name -> float32 tensor."""
    with open(path, 'rb') as file:
        data = file.read()
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, info in header.items():
        if name != '__metadata__':
            start, end = info['data_offsets']
            raw = bytearray(data[8 + size + start:8 + size + end])
            tensors[name.replace('transformer.', '', 1)] = torch.frombuffer(raw, dtype=torch.float32).reshape(info['shape'])
    return tensors


class Norm(nn.Module):
    def __init__(self, weights, name):
        super().__init__()
        self.weight = nn.Parameter(weights[name + '.weight'].clone())

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, None, 1e-5)


def linear(weights, name):
    w = weights[name + '.weight']                            # (in, out); nn.Linear keeps (out, in)
    layer = nn.Linear(w.shape[0], w.shape[1], bias=False)
    layer.weight = nn.Parameter(w.t().contiguous())
    return layer


class Block(nn.Module):
    def __init__(self, weights, name, heads, context, fused):
        super().__init__()
        self.heads = heads
        self.fused = fused
        self.ln_1 = Norm(weights, name + 'ln_1')
        self.c_attn = linear(weights, name + 'attn.c_attn')
        self.attn_proj = linear(weights, name + 'attn.c_proj')
        self.ln_2 = Norm(weights, name + 'ln_2')
        self.c_fc = linear(weights, name + 'mlp.c_fc')
        self.mlp_proj = linear(weights, name + 'mlp.c_proj')
        self.register_buffer('mask', torch.tril(torch.ones(context, context)).view(1, 1, context, context) == 0)

    def attend(self, q, k, v):
        if self.fused:
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        t = q.shape[2]
        scores = (q @ k.transpose(2, 3)) * (1 / math.sqrt(q.shape[3]))
        return F.softmax(scores.masked_fill(self.mask[:, :, :t, :t], float('-inf')), dim=-1) @ v

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(self.ln_1(x)).split(c, dim=2))
        x = x + self.attn_proj(self.attend(q, k, v).transpose(1, 2).reshape(b, t, c))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Gpt(nn.Module):
    def __init__(self, config, weights, fused):
        super().__init__()
        self.wte = nn.Parameter(weights['wte.weight'].clone())
        self.wpe = nn.Parameter(weights['wpe.weight'].clone())
        self.blocks = nn.ModuleList(Block(weights, 'h.%d.' % i, config['n_head'], config['context_length'], fused)
                                    for i in range(config['n_layer']))
        self.ln_f = Norm(weights, 'ln_f')

    def forward(self, ids, targets):
        x = F.embedding(ids, self.wte) + self.wpe[:ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.t()
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def adamw(model, args):
    groups = [{'params': [p for p in model.parameters() if p.dim() >= 2], 'weight_decay': 0.1},
              {'params': [p for p in model.parameters() if p.dim() < 2], 'weight_decay': 0.0}]
    form = {} if args.optimizer == 'loop' else {args.optimizer: True}
    return torch.optim.AdamW(groups, lr=args.learning_rate, betas=(0.9, 0.99), eps=1e-8, **form)


def rate(step, args):
    if step < args.warmup_steps:
        return args.learning_rate * (step + 1) / (args.warmup_steps + 1)
    share = min(1.0, (step - args.warmup_steps) / (args.decay_steps - args.warmup_steps))
    return args.min_learning_rate + 0.5 * (1 + math.cos(math.pi * share)) * (args.learning_rate - args.min_learning_rate)


def training_ids(path, ids_file):
    if ids_file:
        with open(ids_file, encoding='utf-8') as file:
            return torch.tensor(json.load(file), dtype=torch.int64)
    with open(path, encoding='utf-8-sig', newline='') as file:
        text = file.read().replace('\r\n', '\n')
    ids = {c: i for i, c in enumerate(sorted(set(text)))}
    part = text[:math.floor((1 - 0.1) * len(text))]
    return torch.tensor([ids[c] for c in part], dtype=torch.int64)


def batch(data, step, args):
    b, t = args.batch_size, args.context_length
    if args.order == 'sequential':
        at = (step * b * t + torch.arange(b * t)) % len(data)
        return data[at].view(b, t), data[(at + 1) % len(data)].view(b, t)
    starts = torch.randint(len(data) - t, (b,)).tolist()
    return torch.stack([data[i:i + t] for i in starts]), torch.stack([data[i + 1:i + 1 + t] for i in starts])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', required=True, help='a checkpoint directory whose weights to start from')
    parser.add_argument('--text', required=True, help='a UTF-8 text; its characters are the tokens, its first nine tenths are trained on')
    parser.add_argument('--ids', help='a JSON list of token ids to train on instead')
    parser.add_argument('--batch-size', type=int, default=12)
    parser.add_argument('--context-length', type=int, default=64)
    parser.add_argument('--steps', type=int, default=20)
    parser.add_argument('--order', choices=['random', 'sequential'], default='random')
    parser.add_argument('--learning-rate', type=float, default=1e-3)
    parser.add_argument('--min-learning-rate', type=float, default=1e-4)
    parser.add_argument('--warmup-steps', type=int, default=100)
    parser.add_argument('--decay-steps', type=int, default=2000)
    parser.add_argument('--optimizer', choices=['loop', 'foreach', 'fused'], default='foreach')
    parser.add_argument('--attention', choices=['fused', 'explicit'], help='default fused, where PyTorch has it (from 2.0 on)')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu', help='cpu or cuda')
    parser.add_argument('--bf16', action='store_true', help='products in bfloat16, by autocast')
    parser.add_argument('--compile', action='store_true', help='use torch.compile; needs PyTorch 2.0 or newer')
    parser.add_argument('--losses', action='store_true', help='read each loss back and print it')
    args = parser.parse_args()

    has_fused = hasattr(F, 'scaled_dot_product_attention')
    if args.attention == 'fused' and not has_fused:
        parser.error('PyTorch %s has no fused attention' % torch.__version__)
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    with open(os.path.join(args.model, 'config.json'), encoding='utf-8') as file:
        config = json.load(file)['inkling']
    model = Gpt(config, safetensors(os.path.join(args.model, 'model.safetensors')),
                has_fused and args.attention != 'explicit')
    model.to(args.device)
    optimizer = adamw(model, args)
    run = torch.compile(model) if args.compile else model
    data = training_ids(args.text, args.ids).to(args.device)

    losses, millis = [], []
    for step in range(args.steps):
        started = time.perf_counter()
        for group in optimizer.param_groups:
            group['lr'] = rate(step, args)
        ids, targets = batch(data, step, args)
        with torch.autocast(args.device, dtype=torch.bfloat16, enabled=args.bf16):
            loss = run(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if args.losses or args.device != 'cpu':              # reading the loss waits for the device
            losses.append(loss.item())
        millis.append((time.perf_counter() - started) * 1e3)
    print(json.dumps({'torch': torch.__version__, 'threads': torch.get_num_threads(), 'losses': losses, 'millis': millis}))


if __name__ == '__main__':
    main()
