'use strict';
// Stops 1 to 7, without the inside of a block (tour-block.js): follows the token that is chosen at the first stop through embedding,
// blocks, attention and the residual stream.
const tour = inkling.data('tour');
(() => {
  const { labels, ids, layers, heads, width, rows, positions, streams, added, near, roles, guesses } = tour;
  const { element, flow } = inkling;
  const byId = id => document.getElementById(id);
  const n = labels.length, triangle = n * (n + 1) / 2;
  const shares = new Uint16Array(Uint8Array.from(atob(tour.weights), c => c.charCodeAt(0)).buffer);
  const share = (l, h, q, k) => shares[(l * heads + h) * triangle + q * (q + 1) / 2 + k] / 65535;
  const at = { token: n - 1, block: Math.floor(layers / 2) };
  const vectors = [];                                       // of [canvas, vector as TourPage.strip gives it, colour]

  const unpack = strip => Int8Array.from(atob(strip.x), c => c.charCodeAt(0));

  /** Numbers as bars up and down from a line. */
  function drawVector(canvas, strip, hue) {
    const w = canvas.clientWidth, h = canvas.closest('#arithmetic') ? 24 : 42, pen = flow.clear(canvas, w, h), x = unpack(strip),
      step = w / x.length;
    canvas.style.width = '';
    pen.fillStyle = flow.colour(hue);
    for (let i = 0; i < x.length; i++) {
      const size = Math.abs(x[i]) / 127 * (h / 2 - 2);
      pen.fillRect(i * step, x[i] > 0 ? h / 2 - size : h / 2, Math.max(0.6, step - (step > 3 ? 1 : 0)), size);
    }
    pen.fillStyle = flow.colour('line');
    pen.fillRect(0, h / 2 - 0.5, w, 1);
  }

  function vector(parent, caption, strip, hue) {
    const canvas = element('canvas',
      { role: 'img', 'aria-label': caption + ': ' + unpack(strip).length + ' numbers, the largest ' + strip.most });
    if (caption) parent.append(element('p', { class: 'vector' }, element('span', {}, caption), canvas));
    else parent.append(canvas);
    vectors.push([canvas, strip, hue]);
  }

  // 3: blocks

  const attentionRoles = ['key', 'query', 'value', 'output'], mlpRoles = ['up_projection', 'down_projection'];
  const count = wanted => roles.filter(([role]) => wanted.includes(role)).reduce((sum, [, n]) => sum + n, 0);
  const grouped = number => Math.round(number).toLocaleString('en');

  function tower() {
    const level = (first, parts, total) => {
      const bar = element('span', { class: 'parts' });
      const most = Math.max(count(['embedding']), (count(attentionRoles) + count(mlpRoles)) / layers);
      for (const [text, number] of parts) {
        const part = element('i', { title: text + ': ' + grouped(number) }, number / most > 0.12 ? text : '');
        if (number / most <= 0.12) part.className = 'thin';
        part.style.width = (100 * number / most).toFixed(2) + '%';
        part.style.fontStyle = 'normal';
        bar.append(part);
      }
      byId('tower').append(element('div', { class: 'level' }, first, bar, element('span', {}, grouped(total))));
      return first;
    };
    level(element('span', {}, 'unembedding'), [['read off', count(['unembedding'])]], count(['unembedding']));
    const buttons = [];
    for (let l = layers - 1; l >= 0; l--) {
      const attention = count(attentionRoles) / layers, mlp = count(mlpRoles) / layers;
      buttons.push([level(element('button', { type: 'button', 'data-block': l }, 'block ' + (l + 1)),
        [['attention', attention], ['MLP', mlp]],
        attention + mlp)]);
    }
    level(element('span', {}, 'embedding'), [['look up', count(['embedding'])]], count(['embedding']));
    return flow.walk(buttons, row => {
      at.block = layers - 1 - row;
      show();
    });
  }

  // 5, 7 and 2: what depends on the token

  function attention() {
    byId('heads').replaceChildren(...[...Array(heads).keys()].map(h => {
      const strip = element('p', { class: 'strip' });
      labels.slice(0, at.token + 1).forEach((label, k) => {
        const p = share(at.block, h, at.token, k);
        const token = element('span', { class: k === at.token ? 'tok chosen' : 'tok', title: inkling.percent(p) }, label);
        token.style.setProperty('--shade', 'rgba(var(--data-rgb),' + (0.6 * Math.pow(p, 0.65)).toFixed(3) + ')');
        strip.append(token);
      });
      return element('div', { class: 'head' }, element('span', {}, 'head ' + (h + 1)), strip);
    }));
  }

  function ladder() {
    byId('ladder').replaceChildren(...streams.map((all, l) => {
      const strip = all[at.token];
      const name = element('span', {}, l === 0 ? 'embedding' : 'after block ' + l);
      name.append(element('small', {}, 'length ' + strip.length.toFixed(1)));
      if (l) name.append(element('small', {}, '+ ' + added[l - 1][0][at.token].toFixed(1) + ' attention'),
        element('small', {}, '+ ' + added[l - 1][1][at.token].toFixed(1) + ' MLP'));
      const rung = element('div', { class: 'rung' }, name);
      vector(rung, '', strip, 'data');
      const says = guesses[l][at.token].slice(0, 2).map(([label, p]) => label + ' ' + inkling.percent(p)).join('   ');
      rung.append(element('span', { class: 'says' }, says));
      return rung;
    }));
  }

  function lookup() {
    const target = byId('lookup');
    target.replaceChildren();
    vector(target, 'row ' + ids[at.token] + ' of the embedding', rows[at.token], 'learned');
    if (positions.length) vector(target, '+ row ' + at.token + ' of the positions', positions[at.token], 'learned');
    if (positions.length) vector(target, '= the vector that enters', streams[0][at.token], 'data');
    flow.bars(byId('near'), near[at.token].map(([label, p]) => ({ label, share: p, figure: p.toFixed(3) })));
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
    if (tour.showBlock) tour.showBlock(at.block, at.token, vector);
    vectors.forEach(([canvas, strip, hue]) => drawVector(canvas, strip, hue));
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
  tour.show = show;
  goTo(0, at.token, false);
  goToBlock(layers - 1 - at.block, 0, false);
  flow.redraw(() => vectors.forEach(([canvas, strip, hue]) => drawVector(canvas, strip, hue)));
})();
