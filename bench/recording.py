"""Records the numbers that a training gives, and compares two such records: shared by bench/same-numbers and bench/runs-0.1.

A record is a dictionary from the name of a series to its values: a list of numbers or texts, or a dictionary of numbers.
"""
import csv
import hashlib
import json
import math
import os
import struct
import subprocess
import sys
from array import array

COLUMNS = ['train_loss', 'val_loss', 'learning_rate', 'grad_norm']      # of metrics.csv; the others of these runs are counts and times
WEIGHTS = {'weights': 'model', 'adapters': 'adapter_model', 'moments': 'optimizer'}     # safetensors files of a checkpoint
GREEDY_TOKENS = 40
SAMPLED_TOKENS = 100        # more than the context of a small model, so that its window slides


def inkling(checkout, directory, *arguments, threads=None):
    """Runs a command of `checkout` in `directory`; returns its standard output. `threads` is for commands without an option for it."""
    command = [os.path.join(checkout, 'inkling')] + list(arguments)
    environment = dict(os.environ, **({'OMP_NUM_THREADS': str(threads)} if threads else {}))
    done = subprocess.run(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8')
    if done.returncode:
        sys.exit('%s in %s ended with %d:\n%s' % (' '.join(command), directory, done.returncode, done.stderr))
    return done.stdout


def settings(pairs):
    return [part for pair in pairs for part in ('--set', pair)]


def rows(run):
    with open(os.path.join(run, 'metrics.csv'), newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def metrics(run):
    """Columns of metrics.csv: one value for each row, None where nothing was measured."""
    return {column: [float(row[column]) if row[column] else None for row in rows(run)] for column in COLUMNS}


def measured(run, wanted):
    """Columns of metrics.csv, each a dictionary from step to value. It has the measured values of the steps that are `wanted`."""
    chosen = [row for row in rows(run) if wanted(int(row['step']))]
    return {column: {row['step']: float(row[column]) for row in chosen if row[column]} for column in COLUMNS}


def last(run):
    with open(os.path.join(run, 'last'), encoding='utf-8') as file:
        return os.path.join(run, file.read().strip())


def tensors(path):
    """Reads a safetensors file (the header's length in 8 bytes, the header, the data): name to (kind and shape, bytes), sorted by name."""
    with open(path, 'rb') as file:
        content = file.read()
    start = 8 + struct.unpack('<Q', content[:8])[0]
    header = json.loads(content[8:start])
    header.pop('__metadata__', None)
    return {name: ('%s %s' % (tensor['dtype'], tensor['shape']), content[start:][slice(*tensor['data_offsets'])])
            for name, tensor in sorted(header.items())}


def floats(data):
    values = array('f')
    values.frombytes(data)
    if sys.byteorder == 'big':
        values.byteswap()
    return values


def checkpoint(directory):
    """The hash of all tensors of each file, and the norm of each float32 tensor."""
    series = {}
    for name, file in WEIGHTS.items():
        path = os.path.join(directory, file + '.safetensors')
        if os.path.exists(path):
            sha256, norms = hashlib.sha256(), {}
            for tensor, (kind, data) in tensors(path).items():
                sha256.update(('%s %s\n' % (tensor, kind)).encode() + data)
                if kind.startswith('F32'):
                    norms[tensor] = math.sqrt(math.fsum(x * x for x in floats(data)))
            series[name + '_sha256'] = [sha256.hexdigest()]
            series[name + '_norms'] = norms
    return series


def generated(checkout, directory, model, prompt, threads):
    """Greedy ids with the logits of the two likeliest tokens, and two samples from a seed."""
    command = ['sample', model, '--prompt', prompt, '--json']
    greedy = json.loads(inkling(checkout, directory, *command, '--temperature', '0', '--max-tokens', str(GREEDY_TOKENS),
                                '--show-distribution', '2', threads=threads))['samples'][0]
    sampled = json.loads(inkling(checkout, directory, *command, '--temperature', '0.8', '--seed', '7', '--samples', '2',
                                 '--max-tokens', str(SAMPLED_TOKENS), threads=threads))['samples']
    return {'greedy_ids': greedy['ids'],
            'greedy_logits': [step['top'][0]['logit'] for step in greedy['steps']],
            'second_logits': [step['top'][1]['logit'] for step in greedy['steps']],
            'sampled_text': [sample['text'] for sample in sampled]}


def evaluated(checkout, directory, model, text, threads):
    return {'eval_loss': [json.loads(inkling(checkout, directory, 'eval', model, '--data', text, '--json', threads=threads))['loss']]}


def differences(name, first, second):
    """(place, relative difference) of each value that differs. The difference is None if one of the two values is no float."""
    if type(first) is not type(second):
        return [('all of it', None)]
    if isinstance(first, dict):
        keys = sorted(first.keys() | second.keys())
        first, second = [first.get(key) for key in keys], [second.get(key) for key in keys]
    else:
        keys = range(max(len(first), len(second)))
        first, second = [list(values) + [None] * (len(keys) - len(values)) for values in (first, second)]
    scale = 0
    if name.endswith('logits'):     # a logit may be near 0, so all are measured by the largest
        scale = max((abs(value) for value in first + second if isinstance(value, float)), default=0)
    return [(key, abs(a - b) / max(abs(a), abs(b), scale) if isinstance(a, float) and isinstance(b, float) else None)
            for key, a, b in zip(keys, first, second) if a != b]


def compare(first, second, tolerance=0.0):
    """Prints a line for each series and returns whether all are equal. With a tolerance, floats may differ by it (relatively).
    Then hashes are not compared, since the norms stand for them. Ids and texts must always be equal."""
    good = True
    for name in list(first) + [name for name in second if name not in first]:
        if name not in first or name not in second:
            print('ABSENT   %s: only in the %s' % (name, 'first' if name in first else 'second'))
            good = False
            continue
        found = differences(name, first[name], second[name])
        if not found:
            print('equal    %s (%d)' % (name, len(first[name])))
            continue
        known = [size for _, size in found if size is not None]
        near = tolerance > 0 and (name.endswith('sha256') or (len(known) == len(found) and max(known) <= tolerance))
        good &= near
        print('%s  %s: %d of %d differ, first at %s%s' % ('near   ' if near else 'DIFFERS', name, len(found), len(first[name]), found[0][0],
              ', largest relative difference %.2g' % max(known) if known else ''))
    return good
