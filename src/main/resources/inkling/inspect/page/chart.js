'use strict';
// For each SvgChart on the page: shows the values at the step that the reader chooses by mouse, finger or arrow keys, and switches scales.
for (const figure of document.querySelectorAll('figure.chart')) {
  const { lines } = inkling.data(figure.id);
  const steps = [...new Set(lines.flatMap(line => line.x))].sort((a, b) => a - b);
  const readout = figure.querySelector('.readout');
  const button = figure.querySelector('.switch-scale');
  const svgs = [...figure.querySelectorAll('svg')].map(withCursor);
  let at = -1;

  function withCursor(svg) {
    const make = name => svg.appendChild(document.createElementNS(svg.namespaceURI, name));
    const bar = make('path'), dots = lines.map(() => make('circle'));
    for (const part of [bar, ...dots]) part.setAttribute('class', 'cursor');
    for (const dot of dots) dot.setAttribute('r', 4);
    const read = name => Number(svg.dataset[name]);
    const across = x => read('left') + (x - read('least')) / (read('most') - read('least')) * (read('right') - read('left'));
    const down = y => {
      const scale = shownScale(svg), log = scale.dataset.scale === 'log', f = log ? Math.log : value => value;
      const least = f(Number(scale.dataset.least)), most = f(Number(scale.dataset.most));
      return read('bottom') - (f(y) - least) / (most - least) * (read('bottom') - read('top'));
    };
    const stepAt = clientX => {
      const box = svg.getBoundingClientRect();
      const x = (clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      const step = read('least') + (x - read('left')) / (read('right') - read('left')) * (read('most') - read('least'));
      return nearest(steps, step);
    };
    svg.addEventListener('pointermove', event => point(stepAt(event.clientX)));
    svg.addEventListener('pointerdown', event => point(stepAt(event.clientX)));
    svg.addEventListener('pointerleave', () => document.activeElement === svg || point(-1));
    svg.addEventListener('focus', () => at < 0 && point(steps.length - 1));
    svg.addEventListener('blur', () => point(-1));
    svg.addEventListener('keydown', event => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      point(Math.max(0, Math.min(steps.length - 1, at + by)));
    });
    return { svg, bar, dots, across, down, top: read('top'), bottom: read('bottom') };
  }

  function shownScale(svg) {
    return [...svg.querySelectorAll('.scale')].find(scale => scale.style.display !== 'none');
  }

  function nearest(sorted, value) {
    let low = 0, high = sorted.length - 1;
    while (high - low > 1) {
      const middle = low + high >> 1;
      if (sorted[middle] <= value) low = middle; else high = middle;
    }
    return value - sorted[low] <= sorted[high] - value ? low : high;
  }

  /** Shows the values measured at steps[index]; for -1, shows nothing. */
  function point(index) {
    at = index;
    for (const { bar, dots, across, down, top, bottom } of svgs) {
      bar.style.display = index < 0 ? 'none' : '';
      dots.forEach(dot => { dot.style.display = 'none'; });
      if (index < 0) continue;
      bar.setAttribute('d', 'M' + across(steps[index]) + ' ' + top + 'V' + bottom);
      lines.forEach((line, i) => {
        const k = line.x.indexOf(steps[index]);
        if (k < 0) return;
        dots[i].style.display = '';
        dots[i].setAttribute('cx', across(line.x[k]));
        dots[i].setAttribute('cy', down(line.y[k]));
      });
    }
    readout.textContent = index < 0 ? ''
      : 'step ' + steps[index].toLocaleString('en') + lines.map(line => told(line, steps[index])).join('');
  }

  function told(line, step) {
    const k = line.x.indexOf(step);
    if (k < 0) return '';
    const value = line.y[k];
    const text = value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(3)
      : Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(5)));
    return ' · ' + line.name + ' ' + text.replace(/^-/, '−');
  }

  if (button) {
    const names = { linear: 'linear', from_zero: 'linear', log: 'logarithmic' };
    const label = () => { button.textContent = 'Scale: ' + names[shownScale(svgs[0].svg).dataset.scale]; };
    button.hidden = false;
    button.addEventListener('click', () => {
      for (const { svg } of svgs) {
        for (const scale of svg.querySelectorAll('.scale')) scale.style.display = scale.style.display === 'none' ? '' : 'none';
      }
      label();
      point(at);
    });
    label();
  }
  point(-1);
}
