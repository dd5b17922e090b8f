'use strict';
// The transcript: the distribution behind the chosen token, as it was at the draw, or computed for another temperature and top-k.
(() => {
  const {vocabulary, stops, asked, ids, names, samples} = inkling.data('transcript');
  const get = id => document.getElementById(id);
  const slider = get('temperature'), topK = get('top-k'), bars = get('bars'), more = get('more');
  const tokens = samples.map((_, i) => [...document.querySelectorAll(`.tokens [data-sample="${i}"]`)]);
  const SHORT = 15;
  // asDrawn: whether to show the distributions of the draw, or those re-shaped by the controls. long: whether the list is unfolded.
  const state = {sample: 0, step: 0, asDrawn: true, long: false};

  // In a step, z, ids, and the share and mean of all others at each slider position are little-endian, in base 64. A token is given by its
  // index in `names`.
  const numbers = (text, Kind) => [...new Kind(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer)];
  for (const step of samples.flat()) {
    step.z = numbers(step.z, Float32Array);
    step.ids = numbers(step.ids, names.length <= 65536 ? Uint16Array : Uint32Array);
    for (const [i, z] of Object.entries(step.penalised || {})) step.z[i] = z;
    const [count, tied, share, mean] = step.others;
    step.rest = {count, tied, share: numbers(share, Float32Array), mean: numbers(mean, Float32Array)};
  }
  const HELD = Math.max(1, ...samples.flat().map(step => step.ids.length));

  /**
   * The distribution from which the token was drawn. It has a probability for each held token (p), one for all others together (others),
   * and that of the drawn token (own). Tokens that truncation kept come first.
   */
  function asDrawn(step) {
    const t = asked.temperature, {z} = step;
    const p = z.map((v, i) => i >= step.kept ? 0 : t === 0 ? 1 : Math.exp(step.logp + (v - z[0]) / t));
    const others = step.kept > z.length ? Math.max(0, 1 - p.reduce((a, b) => a + b, 0)) : 0;
    return {p, kept: i => i < step.kept, others, bits: step.bits, own: step.p};
  }

  /**
   * softmax(z / T) over all V tokens, or over the k largest and those that tie with the k-th; at T = 0, all of it on the first held
   * token. The held logits enter one by one. Without k, all others enter together, through their share. With k, others enter only if they
   * tie with the k-th.
   */
  function reshaped(step, stop, k) {
    const {z, rest} = step, t = stops[stop], n = z.length;
    if (t === 0) {
      const first = step.ids[0] === step.id;
      return {p: z.map((_, i) => i === 0 ? 1 : 0), kept: i => i === 0, others: 0, bits: 0, own: first ? 1 : 0};
    }
    const least = k && k <= n ? z[k - 1] : -Infinity;
    let sum = 0, weighted = 0;                      // Σ w and Σ w·x with w = eˣ, x = (z − z₀) / T
    const add = (weight, x) => { if (weight > 0) { sum += weight; weighted += weight * x; } };
    const w = z.map(v => v >= least ? Math.exp((v - z[0]) / t) : 0);
    z.forEach((v, i) => add(w[i], (v - z[0]) / t));
    let others = 0;
    if (least === -Infinity) {
      const share = rest.share[stop];                // log of the others' share s = R / (sum + R), so R = sum · s / (1 − s)
      if (rest.count) add(others = sum * Math.exp(share) / -Math.expm1(share), rest.mean[stop] / t);
    } else if (least === z[n - 1]) {
      add(others = rest.tied * Math.exp((least - z[0]) / t), (least - z[0]) / t);
    }
    return {
      p: w.map(v => v / sum), kept: i => z[i] >= least, others: others / sum,
      bits: Math.max(0, (Math.log(sum) - weighted / sum) / Math.LN2),
      own: step.logit >= least ? Math.exp((step.logit - z[0]) / t) / sum : 0,
    };
  }

  const askedK = () => { const k = Math.floor(Number(topK.value)); return k >= 1 ? Math.min(k, HELD) : 0; };
  const shape = step => state.asDrawn ? asDrawn(step) : reshaped(step, Number(slider.value), askedK());

  /** A token's name, with its leading spaces as visible signs. */
  function named(name) {
    const spaces = name.length - name.trimStart().length;
    return [inkling.element('span', {class: 'space'}, '␣'.repeat(spaces)), name.slice(spaces)];
  }

  /** Draws the whole probability as one strip: the shown tokens one after the other, the drawn one in colour, then all others. */
  function strip(parts) {
    get('strip').replaceChildren(...parts.filter(([p]) => p > 0).map(([p, kind]) => {
      const part = inkling.element('span', {class: kind});
      part.style.flexGrow = p;
      return part;
    }));
  }

  /** A line of the list. `whole` is the token's probability if nothing were removed; a removed token shows it as a hollow bar. */
  function row(kind, name, p, removed, whole, scale) {
    const fill = inkling.element('span');
    fill.style.width = 100 * Math.min(1, (removed ? whole : p) / scale) + '%';
    fill.hidden = !((removed ? whole : p) > 0);
    const li = inkling.element('li', {class: (kind + (removed ? ' removed' : '')).trim()},
      inkling.element('span', {class: 'name', title: name}, ...named(name)),
      inkling.element('span', {class: 'bar', 'aria-hidden': 'true'}, fill),
      inkling.element('span', {class: 'figure'},
        removed ? inkling.element('s', {title: 'removed'}, inkling.percent(whole)) : inkling.percent(p)));
    li.dataset.p = p;
    return li;
  }

  function drawPanel() {
    const steps = samples[state.sample], step = steps[state.step];
    const now = shape(step);
    // For hollow bars: the distribution at this temperature (at 1 instead of 0) if nothing were removed.
    const t = state.asDrawn ? asked.temperature : stops[Number(slider.value)];
    const whole = reshaped(step, stops.indexOf(t || 1), 0);
    const place = inkling.element('span', {class: 'place'}, `${state.step + 1} of ${steps.length}`);
    get('chosen').replaceChildren(place, ...named(names[step.id]));
    get('facts').textContent = `${inkling.percent(now.own)} · rank ${step.rank.toLocaleString('en')} of `
      + `${vocabulary.toLocaleString('en')} · entropy ${now.bits.toFixed(2)} bits: as open as a choice among `
      + `${(2 ** now.bits).toFixed(1)} equally likely tokens`;
    Object.assign(get('facts').dataset, {p: now.own, bits: now.bits});
    get('temperature-value').value = t;
    slider.setAttribute('aria-valuetext', 'temperature ' + t);
    get('as-drawn').disabled = state.asDrawn;
    get('view').textContent = state.asDrawn ? removals(step) : reshapedNote();
    const shown = Math.min(step.ids.length, state.long ? HELD : SHORT);
    const scale = Math.max(now.p[0], whole.p[0] * (now.p[0] === 1 ? 1 : 0), 1e-12);
    const rows = step.ids.slice(0, shown).map((id, i) => {
      const li = row(id === step.id ? 'drawn' : '', names[id], now.p[i], !now.kept(i), whole.p[i], scale);
      li.dataset.id = ids[id];
      return li;
    });
    if (!step.ids.slice(0, shown).includes(step.id)) {
      const li = row('drawn', names[step.id], now.own, now.own === 0, whole.own, scale);
      li.dataset.id = ids[step.id];
      rows.push(li);
    }
    const parts = rows.map(li => [Number(li.dataset.p), li.classList.contains('drawn') ? 'drawn' : 'token']);
    if (vocabulary > rows.length) {
      // The sum of the others, not 1 minus the sum of the shown tokens: beside 1, a small rest would be lost in rounding.
      const others = Math.max(0, now.p.slice(shown).reduce((a, b) => a + b, 0) + now.others - (rows.length > shown ? now.own : 0));
      const li = inkling.element('li', {class: 'others'}, inkling.element('span', {class: 'name'},
        `${(vocabulary - rows.length).toLocaleString('en')} others`), inkling.element('span', {class: 'figure'}, inkling.percent(others)));
      li.dataset.p = others;
      rows.push(li);
      parts.push([others, 'others']);
    }
    strip(parts);
    bars.replaceChildren(...rows);
    more.hidden = step.ids.length <= SHORT;
    more.textContent = state.long ? `Show the likeliest ${SHORT}` : `Show the likeliest ${step.ids.length}`;
    more.setAttribute('aria-expanded', state.long);
  }

  function removals(step) {
    const parts = step.removed.map(([count, p], i) => count === 0 ? '' :
      `${asked.removals[i]} removed ${count.toLocaleString('en')} token${count === 1 ? '' : 's'} (${inkling.percent(p)})`).filter(s => s);
    return parts.length ? parts.join('; ') + '.' : 'As drawn: nothing was removed.';
  }

  function reshapedNote() {
    const left = asked.removals.filter(label => !/^(top-k|temperature) /.test(label));
    return `Re-shaped${left.length ? ', without ' + left.join(' and ') : ''}: the token was not drawn from these probabilities.`;
  }

  /** Shades all tokens and draws the surprise of each, in bits, as a bar above the text. */
  function drawTexts() {
    samples.forEach((steps, s) => {
      const own = steps.map(step => shape(step).own);
      const surprise = own.map(p => -Math.log2(p));
      const possible = surprise.filter(Number.isFinite);
      const most = Math.max(0, ...possible), full = Math.max(1, most);   // bits; a full bar is at least one bit
      const svgNamespace = document.documentElement.namespaceURI.replace('1999/xhtml', '2000/svg');
      const svg = document.createElementNS(svgNamespace, 'svg');
      svg.setAttribute('viewBox', `0 0 ${steps.length} 100`);
      svg.setAttribute('preserveAspectRatio', 'none');
      own.forEach((p, i) => {
        tokens[s][i].style.setProperty('--shade', (0.5 * Math.pow(p, 0.35)).toFixed(3));
        tokens[s][i].classList.toggle('gone', p === 0);
        const bar = document.createElementNS(svgNamespace, 'rect');
        const height = Math.max(2, 100 * Math.min(surprise[i], full) / full);
        for (const [key, value] of Object.entries({x: i + 0.1, width: 0.8, y: 100 - height, height})) bar.setAttribute(key, value);
        bar.classList.toggle('chosen', s === state.sample && i === state.step);
        svg.append(bar);
      });
      const mean = possible.reduce((a, b) => a + b, 0) / Math.max(1, possible.length);
      document.querySelector(`.ribbon[data-sample="${s}"]`).replaceChildren(svg);
      document.querySelector(`.caption[data-sample="${s}"]`).textContent =
        `Surprise of each token: ${mean.toFixed(1)} bits on average, at most ${most.toFixed(1)}`;
    });
  }

  function choose(sample, step, focus) {
    tokens[state.sample][state.step].setAttribute('aria-selected', 'false');
    const row = tokens[sample];
    row.forEach((e, i) => { e.tabIndex = i === step ? 0 : -1; });
    row[step].setAttribute('aria-selected', 'true');
    if (focus) row[step].focus();
    Object.assign(state, {sample, step});
    document.querySelectorAll('.ribbon').forEach((ribbon, s) => [...ribbon.querySelectorAll('rect')].forEach((bar, i) =>
      bar.classList.toggle('chosen', s === sample && i === step)));
    drawPanel();
  }

  function show(asDrawnAgain) {
    state.asDrawn = asDrawnAgain;
    if (asDrawnAgain) {
      slider.value = stops.indexOf(asked.temperature);
      topK.value = asked.topK >= 1 && asked.topK <= HELD ? asked.topK : '';
    }
    drawTexts();
    drawPanel();
  }

  document.querySelectorAll('.tokens').forEach(list => {
    const place = e => e.target.closest('[data-step]');
    list.addEventListener('click', e => {
      const token = place(e);
      if (token) choose(Number(token.dataset.sample), Number(token.dataset.step), true);
    });
    list.addEventListener('keydown', e => {
      const token = place(e);
      if (!token || e.ctrlKey || e.altKey || e.metaKey) return;
      const s = Number(token.dataset.sample), i = Number(token.dataset.step), last = samples[s].length - 1;
      const to = {ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: last, Enter: i, ' ': i}[e.key];
      if (to === undefined) return;
      e.preventDefault();
      choose(s, Math.min(last, Math.max(0, to)), true);
    });
  });
  document.querySelectorAll('.ribbon').forEach((ribbon, s) => ribbon.addEventListener('click', e => {
    const box = ribbon.getBoundingClientRect(), n = samples[s].length;
    choose(s, Math.min(n - 1, Math.max(0, Math.floor(n * (e.clientX - box.left) / box.width))), false);
  }));
  slider.max = stops.length - 1;
  topK.max = HELD;
  slider.addEventListener('input', () => show(false));
  topK.addEventListener('input', () => show(false));
  get('as-drawn').addEventListener('click', () => show(true));
  get('fold').addEventListener('click', () => {
    const folded = document.querySelector('.panel').classList.toggle('folded');
    get('fold').setAttribute('aria-expanded', String(!folded));
    get('fold').textContent = folded ? 'Show what else it could have been' : 'Fold';
  });
  more.addEventListener('click', () => { state.long = !state.long; drawPanel(); });
  if (samples.length) {
    choose(0, 0, false);
    show(true);
  }
})();
