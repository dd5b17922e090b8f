'use strict';
// Stops 4 to 6 of the tour, for the chosen block and token: the norm, the chosen head's arithmetic, the neurons of the MLP.
(() => {
  const { labels, blocks, streams, neuronsOf, scoreCap } = tour;
  const { element } = inkling;
  const byId = id => document.getElementById(id);
  const decimal = v => inkling.decimal(v, 2);
  const capped = score => scoreCap === null ? score : scoreCap * Math.tanh(score / scoreCap);

  tour.showBlock = (block, token, h, vector, scaleOf) => {
    const now = blocks[block], head = now.heads[h], cell = (...content) => element('td', {}, ...content);
    const strip = (caption, what, scale) => {
      const place = element('div');
      vector(place, caption, what, 'data', scale);
      return place;
    };
    const figures = ([mean, spread]) => spread === undefined ? 'root mean square ' + decimal(mean)
      : 'mean ' + decimal(mean) + ', spread ' + decimal(spread);
    const before = streams[block][token], after = now.input[token], normScale = scaleOf([before, after]);
    byId('normed').replaceChildren(
      strip('in: ' + figures(now.read[token]), before, normScale),
      strip('out: ' + figures(now.normed[token]) + '; to the same scale', after, normScale));

    byId('one-head').textContent = 'Head ' + (h + 1) + ' of block ' + (block + 1) + ' in numbers';
    const first = Math.max(0, token + 1 - now.window);    // tokens before `first` are outside the sliding window
    const keys = head.key.slice(first, token + 1), values = head.value.slice(first, token + 1);
    const keyScale = scaleOf([head.query[token], ...keys]), valueScale = scaleOf([head.mix[token], ...values]);
    byId('query').replaceChildren(strip('query of ' + labels[token], head.query[token], keyScale));
    byId('window').textContent = now.window >= labels.length ? '' : 'In this block, a token is compared only with itself'
      + (now.window > 1 ? ' and the ' + (now.window - 1) + ' before it.' : '.');
    const scores = head.scores[token].slice(first).map(capped), most = Math.max(...scores);
    const powers = scores.map(s => Math.exp(s - most)), sum = powers.reduce((a, b) => a + b, 0);
    document.querySelector('#arithmetic tbody').replaceChildren(...scores.map((score, k) => {
      const fill = element('span'), row = element('tr', first + k === token ? { class: 'chosen' } : {});
      fill.style.width = (100 * powers[k] / sum).toFixed(1) + '%';
      row.append(element('th', { scope: 'row' }, labels[first + k]), cell(strip('', keys[k], keyScale)), cell(decimal(score)),
        cell(Math.exp(score).toPrecision(3)), cell(element('span', { class: 'share' }, fill),
          element('span', {}, inkling.percent(powers[k] / sum))),
        cell(strip('', values[k], valueScale)));
      row.dataset.p = powers[k] / sum;
      return row;
    }));
    byId('mix').replaceChildren(strip('the mix: what head ' + (h + 1) + ' brings', head.mix[token], valueScale));

    byId('hidden').replaceChildren(strip('activations of all ' + neuronsOf.toLocaleString('en') + ' neurons', now.hidden[token]));
    byId('active').textContent = now.active[token].toLocaleString('en') + ' of ' + neuronsOf.toLocaleString('en')
      + ' are above 0. The strongest:';
    document.querySelector('#neurons tbody').replaceChildren(...now.neurons[token].map(([index, activation, names]) =>
      element('tr', {}, element('th', { scope: 'row' }, String(index)), cell(decimal(activation)),
        cell(element('span', { class: 'token' }, names.join('  '))))));
  };
  tour.show();
})();
