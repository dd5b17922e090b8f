'use strict';
// Both distributions mirrored at the tokens' names; the order can be chosen.
(() => {
  const { rows } = inkling.data('comparison');
  const { element } = inkling;
  const body = document.getElementById('rows');
  const most = Math.max(...rows.map(row => Math.max(row.without, row.with)));
  const orders = { change: row => Math.abs(row.with - row.without), with: row => row.with, without: row => row.without };

  function side(p, left) {
    const bar = element('i');
    bar.style.setProperty('--share', (p / most).toFixed(4));
    return element('div', { class: left ? 'side left' : 'side' }, bar, element('span', {}, inkling.percent(p)));
  }

  function draw() {
    const by = orders[document.querySelector('input[name="order"]:checked').value];
    body.replaceChildren(...[...rows].sort((a, b) => by(b) - by(a)).map(row => {
      const points = 100 * (row.with - row.without);
      return element('tr', {}, element('td', {}, side(row.without, true)),
        element('th', { class: 'name', scope: 'row', title: row.label }, row.label),
        element('td', {}, side(row.with, false)),
        element('td', { class: 'change' }, (points < 0 ? '−' : '+') + Math.abs(points).toFixed(1),
          element('span', { class: 'unit' }, ' points')));
    }));
  }
  for (const radio of document.querySelectorAll('input[name="order"]')) radio.addEventListener('change', draw);
  draw();
})();
