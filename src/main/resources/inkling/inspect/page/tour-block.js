'use strict';
// Stops 4 to 6, for the chosen block and token: the norm, the arithmetic of one head, the neurons of the MLP.
(() => {
  const { labels, blocks, streams, neuronsOf, scoreCap } = tour;
  const { element } = inkling;
  const byId = id => document.getElementById(id);
  const signed = v => (v < 0 ? '−' : '') + Math.abs(v).toFixed(2);
  const capped = score => scoreCap === null ? score : scoreCap * Math.tanh(score / scoreCap);

  tour.showBlock = (block, token, vector) => {
    const now = blocks[block], cell = (...content) => element('td', {}, ...content);
    const strip = (caption, what, hue) => {
      const place = element('div');
      vector(place, caption, what, hue);
      return place;
    };
    byId('normed').replaceChildren(
      strip('in: mean ' + signed(now.center[token]) + ', spread ' + signed(now.spread[token]), streams[block][token], 'data'),
      strip('out: what the block reads', now.input[token], 'data'));

    byId('one-head').textContent = 'Head ' + (now.head + 1) + ' of block ' + (block + 1) + ' in numbers';
    byId('query').replaceChildren(strip('query of ' + labels[token], now.query[token], 'data'));
    const scores = now.scores[token].map(capped), most = Math.max(...scores);
    const powers = scores.map(s => Math.exp(s - most)), sum = powers.reduce((a, b) => a + b, 0);
    document.querySelector('#arithmetic tbody').replaceChildren(...scores.map((score, k) => {
      const fill = element('span'), row = element('tr', k === token ? { class: 'chosen' } : {});
      fill.style.width = (100 * powers[k] / sum).toFixed(1) + '%';
      row.append(element('th', { scope: 'row' }, labels[k]), cell(strip('', now.key[k], 'data')), cell(signed(score)),
        cell(Math.exp(score).toPrecision(3)), cell(element('span', { class: 'share' }, fill), inkling.percent(powers[k] / sum)),
        cell(strip('', now.value[k], 'data')));
      row.dataset.p = powers[k] / sum;
      return row;
    }));
    byId('mix').replaceChildren(strip('the mix: what head ' + (now.head + 1) + ' brings', now.mix[token], 'data'));

    byId('hidden').replaceChildren(strip('activations of all ' + neuronsOf.toLocaleString('en') + ' neurons', now.hidden[token], 'data'));
    byId('active').textContent = now.active[token].toLocaleString('en') + ' of ' + neuronsOf.toLocaleString('en')
      + ' are above 0. The strongest:';
    document.querySelector('#neurons tbody').replaceChildren(...now.neurons[token].map(([index, activation, names]) =>
      element('tr', {}, element('th', { scope: 'row' }, String(index)), cell(signed(activation)),
        cell(element('span', { class: 'token' }, names.join('  '))))));
  };
  tour.show();
})();
