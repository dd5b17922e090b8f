'use strict';
// Stops 1 to 3 and 7 of the tour, and the shares of attention at stop 5. tour-block.js draws the rest of stops 4 to 6.
// Stops 2 and 4 to 7 show the token that the reader chooses at stop 1.
const tour = inkling.data('tour');
(() => {
  const { labels, ids, layers, heads, width, rows, positions, streams, added, near, places, guesses, embeddingScale } = tour;
  const { element, flow } = inkling;
  const byId = id => document.getElementById(id);
  const n = labels.length, triangle = n * (n + 1) / 2;
  const shares = new Uint16Array(Uint8Array.from(atob(tour.weights), c => c.charCodeAt(0)).buffer);
  const share = (l, h, q, k) => shares[(l * heads + h) * triangle + q * (q + 1) / 2 + k] / 65535;
  const at = { token: n - 1, block: Math.floor(layers / 2) };
  const vectors = [];                                       // all that are drawn, each as [canvas, TourPage.strip, colour, scale]

  const unpack = strip => Int8Array.from(atob(strip.x), c => c.charCodeAt(0));

  /** Draws numbers as bars up and down from a line; the longest possible bar stands for `scale`. */
  function drawVector(canvas, strip, hue, scale) {
    const w = canvas.clientWidth, h = canvas.closest('#arithmetic') ? 24 : 42, pen = flow.clear(canvas, w, h), x = unpack(strip),
      step = w / x.length;
    canvas.style.width = '';
    pen.fillStyle = flow.colour(hue);
    for (let i = 0; i < x.length; i++) {
      const size = Math.abs(x[i]) / 127 * strip.most / (scale || 1) * (h / 2 - 2);
      pen.fillRect(i * step, x[i] > 0 ? h / 2 - size : h / 2, Math.max(0.6, step - (step > 3 ? 1 : 0)), size);
    }
    pen.fillStyle = flow.colour('line');
    pen.fillRect(0, h / 2 - 0.5, w, 1);
  }

  /** The common scale of vectors that are compared: the largest absolute value of all their numbers. */
  const scaleOf = strips => Math.max(...strips.map(strip => strip.most));

  function vector(parent, caption, strip, hue, scale = strip.most) {
    const canvas = element('canvas',
      { role: 'img', 'aria-label': caption + ': ' + unpack(strip).length + ' numbers, the largest ' + strip.most });
    if (caption) parent.append(element('p', { class: 'vector' }, element('span', {}, caption), canvas));
    else parent.append(canvas);
    vectors.push([canvas, strip, hue, scale]);
  }

  // Stop 3: the blocks

  const KINDS = { embedding: 'embedding', attention: 'attention', mlp: 'MLP', norms: 'norms' };
  const grouped = number => number.toLocaleString('en');

  /**
   * Draws a level for each place that stores parameters, the last place on top, and below all levels the sum. A tied unembedding stands on
   * top without a size of its own.
   */
  function tower() {
    const sizes = places.map(([, kinds]) => Object.values(kinds).reduce((a, b) => a + b, 0)), most = Math.max(...sizes);
    const level = (first, ...rest) => byId('tower').append(element('div', { class: 'level' }, first, ...rest));
    const buttons = [];
    if (!places.some(([place]) => place === 'unembedding')) {
      level(element('span', {}, 'unembedding'), element('span', {}, 'is the same matrix as the embedding, stored once'), element('span'));
    }
    [...places.keys()].reverse().forEach(i => {
      const [place, kinds] = places[i], block = place.match(/^block (\d+)$/);
      const first = block ? element('button', { type: 'button', 'data-block': block[1] - 1 }, place) : element('span', {}, place);
      if (block) buttons.push([first]);
      level(first, element('span', { class: 'parts' }, ...Object.entries(kinds).map(([kind, number]) => {
        const wide = block && number / most > 0.12;
        const part = element('i', { title: KINDS[kind] + ': ' + grouped(number) }, wide ? KINDS[kind] : '');
        if (!wide) part.className = 'thin';
        part.style.width = (100 * number / most).toFixed(2) + '%';
        part.style.fontStyle = 'normal';
        return part;
      })), element('span', {}, grouped(sizes[i])));
    });
    level(element('b', {}, 'together'), element('span'), element('b', {}, grouped(tour.parameters)));
    return flow.walk(buttons, row => {
      at.block = layers - 1 - row;
      delete at.head;
      show();
    });
  }

  // Stops 5, 7 and 2: what depends on the token

  const headRows = [...Array(heads).keys()].map(h => {
    const row = element('div', { class: 'head' }, element('button', { type: 'button' }, 'head ' + (h + 1)),
      element('p', { class: 'strip' }));
    byId('heads').append(row);
    return row;
  });

  function attention() {
    at.head ??= tour.blocks[at.block].head;
    headRows.forEach((row, h) => {
      const strip = element('p', { class: 'strip' });
      labels.slice(0, at.token + 1).forEach((label, k) => {
        const p = share(at.block, h, at.token, k);
        const token = element('span', { class: k === at.token ? 'tok chosen' : 'tok', title: inkling.percent(p) }, label);
        token.style.setProperty('--shade', 'rgba(var(--data-rgb),' + (0.6 * Math.pow(p, 0.65)).toFixed(3) + ')');
        strip.append(token);
      });
      row.lastChild.replaceWith(strip);
      row.firstChild.setAttribute('aria-pressed', String(h === at.head));
    });
  }

  function ladder() {
    const scale = scaleOf(streams.map(all => all[at.token])), length = l => streams[l][at.token].length.toFixed(1);
    const [attended, worked] = added[at.block].map(lengths => lengths[at.token].toFixed(1));
    byId('sum').textContent = 'All are drawn to one scale. The vectors add up, number by number; their lengths do not: in block '
      + (at.block + 1) + ', the stream of length ' + length(at.block) + ', what attention adds (' + attended + ') and what the MLP adds ('
      + worked + ') make a vector of length ' + length(at.block + 1) + ', because they point in different directions.';
    byId('ladder').replaceChildren(...streams.map((all, l) => {
      const strip = all[at.token];
      const name = element('span', {}, l === 0 ? 'embedding' : 'after block ' + l);
      name.append(element('small', {}, 'length ' + length(l)));
      const rung = element('div', { class: 'rung' }, name);
      vector(rung, '', strip, 'data', scale);
      const says = guesses[l][at.token].slice(0, 2).map(([label, p]) => label + ' ' + inkling.percent(p)).join('   ');
      rung.append(element('span', { class: 'says' }, says));
      return rung;
    }));
  }

  function lookup() {
    const target = byId('lookup');
    target.replaceChildren();
    const times = embeddingScale === 1 ? '' : ' × ' + embeddingScale;
    const parts = [['row ' + ids[at.token] + ' of the embedding' + times, rows[at.token], 'learned']];
    if (positions.length) {
      parts.push(['+ row ' + at.token + ' of the positions', positions[at.token], 'learned'],
        ['= the vector that enters, to the same scale', streams[0][at.token], 'data']);
    }
    for (const [caption, strip, hue] of parts) vector(target, caption, strip, hue, scaleOf(parts.map(part => part[1])));
    flow.bars(byId('near'), near[at.token].map(([label, p]) => ({ label, share: p, figure: inkling.decimal(p, 3) })));
  }

  function show() {
    vectors.length = 0;
    for (const name of document.querySelectorAll('.chosen-token')) name.textContent = labels[at.token];
    for (const name of document.querySelectorAll('.chosen-block')) name.textContent = at.block + 1;
    for (const button of document.querySelectorAll('#tower button')) {
      button.setAttribute('aria-pressed', String(+button.dataset.block === at.block));
    }
    tokens.forEach((token, i) => {
      token.classList.toggle('chosen', i === at.token);
      token.setAttribute('aria-pressed', String(i === at.token));
    });
    lookup();
    attention();
    ladder();
    if (tour.showBlock) tour.showBlock(at.block, at.token, at.head, vector, scaleOf);
    vectors.forEach(parts => drawVector(...parts));
  }

  const tokens = labels.map((label, i) => {
    const token = element('button', { type: 'button' }, label, element('small', {}, String(ids[i])));
    byId('prompt').append(token);
    return token;
  });
  const goTo = flow.walk([tokens], (_, i) => {
    at.token = i;
    show();
  });
  const goToBlock = tower();
  const goToHead = flow.walk(headRows.map(row => [row.firstChild]), h => {
    at.head = h;
    show();
  });
  tour.show = show;
  goTo(0, at.token, false);
  goToBlock(layers - 1 - at.block, 0, false);
  goToHead(tour.blocks[at.block].head, 0, false);
  flow.redraw(() => vectors.forEach(parts => drawVector(...parts)));
})();
