'use strict';
// Search, keyboard, mouse and touch for the picture, and the panel that describes the word chosen or pointed at.
(() => {
  const element = inkling.element;
  const byId = id => document.getElementById(id);

  function describe(i) {
    const panel = byId('panel');
    panel.replaceChildren();
    if (i < 0) {
      panel.append(element('p', { class: 'note' }, 'Point at a word, or search for one, to see what is nearest to it.'));
      return;
    }
    panel.append(element('h2', {}, plot.words[i]), element('p', { class: 'note' }, plot.near[i].length
      ? 'Nearest among these words, by cosine:' : 'Its vector is zero: nothing is near it.'));
    const list = element('ol');
    plot.near[i].forEach((other, rank) => {
      const fill = element('span');
      fill.style.width = Math.max(0, 100 * plot.cosines[i][rank]) + '%';
      const bar = element('span', { class: 'bar' }, fill);
      const button = element('button', { type: 'button', class: 'near' }, element('span', { class: 'word' }, plot.words[other]), bar,
        element('span', { class: 'number' }, inkling.decimal(plot.cosines[i][rank], 3)));
      button.addEventListener('click', () => {
        plot.choose(other);
        byId('panel').querySelector('button')?.focus({ preventScroll: true });
      });
      list.append(element('li', {}, button));
    });
    panel.append(list);
  }

  function outsideNote() {
    const count = plot.outside();
    if (count === 0) return '';
    return count === 1 ? ' 1 word lies outside: zoom out to see it.' : ' ' + count + ' words lie outside: zoom out to see them.';
  }

  /** Says how much of the points' variance the picture shows. */
  function spread(directions) {
    const shares = plot.explained.slice(0, directions);
    return 'Directions 1 ' + (directions === 2 ? 'and 2' : 'to ' + directions) + ' (the principal components) show '
      + inkling.percent(shares.reduce((a, b) => a + b, 0)) + ' of how far the points are spread (their variance): '
      + shares.map(share => inkling.percent(share)).join(' + ') + '.';
  }

  /** Says how to move, and at present how many words lie outside. */
  function hint() {
    const now = plot.isSpace()
      ? 'Drag or arrow keys turn, + and − zoom, Shift with drag or arrows moves. '
        + spread(3)
      : 'Drag or arrow keys move, + and − or a scroll wheel (after a click) zoom: the closer, the more names appear. ' + spread(2)
        + outsideNote();
    if (byId('hint').textContent !== now) byId('hint').textContent = now;
  }

  // Controls

  const plain = word => word.toLowerCase().replace(/^[Ġ␣▁]+/, '');

  function search() {
    const wanted = plain(byId('find').value.trim());
    const matches = byId('matches');
    matches.replaceChildren();
    if (!wanted) return [];
    const rank = word => word === wanted ? 0 : word.startsWith(wanted) ? 1 : 2;
    const found = [...plot.words.keys()].filter(i => plain(plot.words[i]).includes(wanted))
      .sort((a, b) => rank(plain(plot.words[a])) - rank(plain(plot.words[b])) || plot.words[a].length - plot.words[b].length || a - b);
    const count = found.length === 1 ? '1 word' : found.length + ' words';
    matches.append(element('p', { class: 'note' }, found.length ? count + ' with this text in it:' : 'No word here contains this text.'));
    found.slice(0, 12).forEach(i => {
      const button = element('button', { type: 'button' }, plot.words[i]);
      button.addEventListener('click', () => plot.choose(i));
      matches.append(button);
    });
    return found;
  }

  byId('find').addEventListener('input', () => {
    const found = search();
    plot.choose(found.length ? found[0] : -1);
  });
  byId('find').addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    byId('find').value = '';
    search();
    plot.choose(-1);
  });
  byId('zoom-in').addEventListener('click', () => plot.zoom(1.5));
  byId('zoom-out').addEventListener('click', () => plot.zoom(1 / 1.5));
  byId('reset').addEventListener('click', plot.reset);
  for (const radio of document.querySelectorAll('input[name="view"]')) {
    radio.addEventListener('change', () => {
      plot.show(radio.value === 'space');
    });
  }

  plot.canvas.addEventListener('keydown', event => {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrows && plot.isSpace() && !event.shiftKey) plot.turn(0.08 * arrows[0], 0.08 * arrows[1]);
    else if (arrows) plot.pan(-40 * arrows[0], -40 * arrows[1]);
    else if (event.key === '+' || event.key === '=') plot.zoom(1.25);
    else if (event.key === '-') plot.zoom(1 / 1.25);
    else if (event.key === '0') plot.reset();
    else if (event.key === 'Escape') plot.choose(-1);
    else return;
    event.preventDefault();
  });

  const pointers = new Map();
  let travelled = 0;

  plot.canvas.addEventListener('pointerdown', event => {
    plot.canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    travelled = 0;
  });
  plot.canvas.addEventListener('pointermove', event => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch') plot.hover(plot.nearestTo(event));
      return;
    }
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    travelled += Math.abs(dx) + Math.abs(dy);
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const other = [...pointers.values()].find(p => p.pointerId !== event.pointerId);
      const gap = p => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
      const box = plot.canvas.getBoundingClientRect();
      const x = (event.clientX + other.clientX) / 2 - box.left, y = (event.clientY + other.clientY) / 2 - box.top;
      plot.zoom(gap(event) / Math.max(1, gap(before)), x, y);
    } else if (plot.isSpace() && !event.shiftKey) {
      plot.turn(dx * 0.008, dy * 0.008);
    } else {
      plot.pan(dx, dy);
    }
  });
  const released = event => {
    pointers.delete(event.pointerId);
    if (event.type === 'pointerup' && travelled < 6) plot.choose(plot.nearestTo(event));
  };
  plot.canvas.addEventListener('pointerup', released);
  plot.canvas.addEventListener('pointercancel', released);
  plot.canvas.addEventListener('pointerleave', () => plot.hover(-1));
  plot.canvas.addEventListener('wheel', event => {
    if (document.activeElement !== plot.canvas && !event.ctrlKey) return;     // otherwise the page could not be scrolled past the picture
    event.preventDefault();
    const box = plot.canvas.getBoundingClientRect();
    plot.zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });

  plot.onShown(describe);
  plot.onDrawn(hint);
  hint();
  describe(-1);
})();
