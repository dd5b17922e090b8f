import {post} from './api.js';
import {logitsOf} from './shape.js';

const KEPT = 64, TOP = 200;

/** Logits after a text, asked for once and then remembered: the same text is looked at again and again. */
export function createDistributions() {
  const known = new Map();                            // the youngest last
  return {
    has: (model, ids) => known.has(model + ' ' + ids.join()),

    /** @returns {logits (V), names: id → text of the likeliest 200} of the token after `ids`, at least one */
    async after(model, ids, signal) {
      const key = model + ' ' + ids.join();
      let found = known.get(key);
      if (!found) {
        const {logits, top} = await post('/inkling/v1/distribution', {model, ids, top: TOP, logits: true}, {signal});
        found = {logits: logitsOf(logits), names: new Map(top.map(entry => [entry.id, entry.piece]))};
      }
      known.delete(key);
      known.set(key, found);
      if (known.size > KEPT) known.delete(known.keys().next().value);
      return found;
    },
    forget: () => known.clear(),
  };
}
