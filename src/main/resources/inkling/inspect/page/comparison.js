'use strict';
// Draws both distributions, left and right of the tokens' names; the reader can choose the order.
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

  /** A change in percentage points: −3.1, +0.04, 0.00. */
  function signed(points) {
    const digits = Math.abs(points).toFixed(Math.abs(points) < 0.1 ? 2 : 1);
    return (Number(digits) === 0 ? '' : points < 0 ? '−' : '+') + digits;
  }

  function draw() {
    const by = orders[document.querySelector('input[name="order"]:checked').value];
    body.replaceChildren(...[...rows].sort((a, b) => by(b) - by(a)).map(row => {
      return element('tr', {}, element('td', {}, side(row.without, true)),
        element('th', { class: 'name', scope: 'row', title: row.label }, row.label),
        element('td', {}, side(row.with, false)),
        element('td', { class: 'change' }, signed(100 * (row.with - row.without)),
          element('span', { class: 'unit' }, ' points')));
    }));
  }
  for (const radio of document.querySelectorAll('input[name="order"]')) radio.addEventListener('change', draw);
  draw();
})();
