'use strict';
// Shared by the views of what a model computes: colours for canvases, bars, grids in which the arrow keys move.
export const flow = inkling.flow = {
  /**
   * Calls draw now. Calls it again when the theme, the medium (screen or paper), the size of the window or the width of the element
   * `within` changes. The element need not be shown yet. The calls stop when the signal is aborted.
   */
  redraw(draw, { within, signal } = {}) {
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; if (!signal?.aborted) draw(); });
    };
    const themes = new MutationObserver(later);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    signal?.addEventListener('abort', () => themes.disconnect());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', later, { signal });
    matchMedia('print').addEventListener('change', draw, { signal });
    addEventListener('beforeprint', draw, { signal });
    addEventListener('afterprint', later, { signal });
    addEventListener('resize', later, { signal });
    if (within) {
      let width = within.clientWidth;
      const widths = new ResizeObserver(() => {
        if (within.clientWidth !== width) later();
        width = within.clientWidth;
      });
      widths.observe(within);
      signal?.addEventListener('abort', () => widths.disconnect());
    }
    draw();
  },
  /**
   * CSS pixels from an element's top to a little above the bottom of the window, scrolled to the page's top. In a shadow root, which may
   * stand anywhere: 26 rem.
   */
  room(element) {
    return element.getRootNode() === document ? innerHeight - (element.getBoundingClientRect().top + scrollY) - 16
      : 26 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  },
  /** The value of the CSS colour variable `name`, for canvases. */
  colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  },
  /** Clears a canvas and gives it this size in CSS pixels, sharp on every screen. Returns its 2D context. */
  clear(canvas, width, height) {
    const ratio = Math.max(1, window.devicePixelRatio || 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width + 'px';
    canvas.style.height = height + 'px';
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  },
  /** The colour for a share from 0 to 1. A larger share has a stronger colour; small shares stay visible. */
  shade(p) {
    return 'rgba(' + inkling.flow.colour('data-rgb') + ',' + Math.pow(Math.max(0, p), 0.65).toFixed(3) + ')';
  },
  /** Black or white: the text colour that is easier to read on ink of this opacity. Its contrast is at least 4.5 : 1 on any grey. */
  readable(share) {
    const numbers = text => text.match(/[\d.]+/g).map(Number);
    const paper = numbers(getComputedStyle(document.documentElement).backgroundColor), ink = numbers(inkling.flow.colour('data-rgb'));
    const linear = paper.slice(0, 3).map((v, i) => ((v + share * (ink[i] - v)) / 255))
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 ? '#000' : '#fff';
  },
  /** Fills a list. Each row has a name, a bar and a figure: { label, share (of the full width), figure, chosen, data: exact values }. */
  bars(list, rows) {
    list.replaceChildren(...rows.map(row => {
      const fill = inkling.element('span');
      fill.style.width = (100 * Math.max(0, Math.min(1, row.share))).toFixed(2) + '%';
      fill.hidden = row.share === 0;
      const li = inkling.element('li', row.chosen ? { class: 'chosen' } : {}, inkling.element('span', { class: 'name' }, row.label),
        inkling.element('span', { class: 'bar' }, fill), inkling.element('span', { class: 'figure' }, row.figure));
      Object.assign(li.dataset, row.data);
      return li;
    }));
  },
  /**
   * Lets arrow keys, clicks and focus move among elements in rows. Only the current element is in the tab order. Each move calls
   * choose(row, column). The returned function (row, column, focus) moves, too, and must be called once at first.
   */
  walk(rows, choose) {
    const at = { row: 0, column: 0 };
    const go = (row, column, focus) => {
      rows[at.row][at.column].tabIndex = -1;
      at.row = Math.max(0, Math.min(rows.length - 1, row));
      at.column = Math.max(0, Math.min(rows[at.row].length - 1, column));
      const element = rows[at.row][at.column];
      element.tabIndex = 0;
      if (focus) element.focus();
      choose(at.row, at.column);
    };
    rows.forEach((elements, row) => elements.forEach((element, column) => {
      element.tabIndex = -1;
      element.addEventListener('click', () => go(row, column, false));
      element.addEventListener('focus', () => { if (at.row !== row || at.column !== column) go(row, column, false); });
      element.addEventListener('keydown', event => {
        const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9],
          End: [0, 1e9] }[event.key];
        if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        go(at.row + move[0], at.column + move[1], true);
      });
    }));
    return go;
  },
};
