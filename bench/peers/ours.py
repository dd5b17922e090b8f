"""Our side of the comparisons: starts whole processes with the launcher and reads their results."""
import csv
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.dirname(os.path.dirname(HERE))
LAUNCHER = os.environ.get('INKLING', os.path.join(HOME, 'inkling'))

# small: nanoGPT's character recipe for a laptop.
# large: nanoGPT's character recipe for a GPU, with a batch small enough for a laptop.
# gpt2-64, gpt2-256: GPT-2's smallest size (124 million parameters, no biases, 50,257 tokens), on 64 and on 256 tokens a row.
GPT2 = {'n_layer': 12, 'n_head': 12, 'n_embd': 768, 'batch_size': 4, 'tokenizer': 'gpt2'}
RECIPES = {
    'small': {'n_layer': 4, 'n_head': 4, 'n_embd': 128, 'context_length': 64, 'batch_size': 12},
    'large': {'n_layer': 6, 'n_head': 6, 'n_embd': 384, 'context_length': 256, 'batch_size': 8},
    'gpt2-64': dict(GPT2, context_length=64),
    'gpt2-256': dict(GPT2, context_length=256),
}
PRECISIONS = {'float32': 'float32', 'bf16': 'bf16_even_if_slow'}
IDS_FROM = 60000  # the peer trains on the tokens of this many characters: an argument of a process holds at most 128 KB


def text(arguments):
    """The text's path: the first argument, else tiny Shakespeare if its file is there, else Macbeth, which ships with the build."""
    if arguments:
        return os.path.abspath(arguments[0])
    shakespeare = os.path.join(HOME, 'datasets', 'tinyshakespeare', 'tinyshakespeare.txt')
    if os.path.exists(shakespeare):
        return shakespeare
    subprocess.check_call([LAUNCHER, 'data', 'fetch', 'macbeth'], cwd=HOME, stdout=sys.stderr)
    return os.path.join(HOME, 'datasets', 'macbeth', 'macbeth.txt')


def settings(recipe, text_path, order='random'):
    values = {'data.train': text_path, 'data.order': order, 'train.sample': 'null'}
    values.update({'model.' + key: recipe[key] for key in ('n_layer', 'n_head', 'n_embd', 'context_length')})
    values.update({'train.batch_size': recipe['batch_size'], 'model.dropout': '0.0'})
    if 'tokenizer' in recipe:
        values['data.tokenizer'] = '{type: %s}' % recipe['tokenizer']
    values['precision'] = PRECISIONS[recipe.get('precision', 'float32')]
    return values


def command(*arguments, **values):
    sets = [part for key, value in values.get('sets', {}).items() for part in ('--set', '%s=%s' % (key, value))]
    return [LAUNCHER] + list(arguments) + sets


def train(scratch, recipe, text_path, steps, order='random', threads='auto', env=None, name='peer'):
    """Trains in ``scratch`` and returns the run directory, whose metrics.csv has a row for each update."""
    sets = settings(recipe, text_path, order)
    sets.update({'threads': threads, 'train.max_steps': steps, 'train.log_interval': 1, 'train.eval_batches': 1,
                 'train.eval_interval': 1000000, 'train.checkpoint_interval': 1000000})
    process = subprocess.run(command('train', os.path.join(HOME, 'configs', 'shakespeare-char.yaml'), '--run', name, sets=sets),
                             cwd=scratch, env=dict(os.environ, **(env or {})), capture_output=True, text=True)
    if process.returncode != 0:
        raise RuntimeError('inkling train ended with %d: %s' % (process.returncode, process.stderr))
    return os.path.join(scratch, 'checkpoints', name)


def ids_file(scratch, recipe, text_path):
    """Writes the ids of the text's beginning as JSON; returns the path. None if tokens are characters: the peer makes these ids itself."""
    if 'tokenizer' not in recipe:
        return None
    with open(text_path, encoding='utf-8-sig', newline='') as file:
        beginning = file.read(IDS_FROM).replace('\r\n', '\n')
    output = subprocess.check_output(command('tokenize', recipe['tokenizer'], '--plain', '--json', '--text', beginning), cwd=scratch)
    path = os.path.join(scratch, 'ids.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(json.loads(output)['ids'], file)
    return path


def rows(run):
    with open(os.path.join(run, 'metrics.csv'), newline='') as file:
        return list(csv.DictReader(file))


def roofline(recipe, text_path, steps, env=None, threads='auto'):
    """What ``bench --roofline`` measures in one process: milliseconds of a step's matrix products alone, and of the whole step."""
    sets = dict(settings(recipe, text_path), threads=threads)
    output = subprocess.check_output(command('bench', os.path.join(HOME, 'configs', 'shakespeare-char.yaml'), '--roofline', '--json',
                                             '--steps', str(steps),
                                             sets=sets), env=dict(os.environ, **(env or {})), stderr=subprocess.DEVNULL)
    return json.loads(output)
