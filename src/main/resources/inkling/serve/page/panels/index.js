// The panels, in the order of their tabs.
import * as attention from './attention.js';
import * as checkpoints from './checkpoints.js';
import * as learning from './learning.js';
import * as lens from './lens.js';
import * as neighbors from './neighbors.js';
import * as parameters from './parameters.js';
import * as score from './score.js';
import * as word from './word.js';

export const PANELS = [attention, lens, neighbors, word, score, checkpoints, learning, parameters];
