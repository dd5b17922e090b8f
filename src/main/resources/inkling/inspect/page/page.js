'use strict';
// Shared by all of Inkling's pages: data embedded in the page, small builders, the theme button.
const inkling = {
  /** The value that HtmlPage.data(id, …) embedded. */
  data(id) {
    return JSON.parse(document.getElementById('data-' + id).textContent);
  },
  /** Makes an element; children are elements or plain text (never markup). */
  element(name, attributes = {}, ...children) {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    e.append(...children);
    return e;
  },
  /** Returns a function that adds a child to an SVG: (name, attributes, text) => element. */
  maker(svg) {
    return (name, attributes, text) => {
      const e = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
      if (text !== undefined) e.textContent = text;
      return svg.appendChild(e);
    };
  },
  /** A number with this many decimals, and with a minus sign instead of a hyphen. Zero has no sign. */
  decimal(value, digits) {
    const text = value.toFixed(digits);
    return text.replace('-', Number(text) === 0 ? '' : '−');
  },
  /** 0.1234 is "12.3 %". A number above 0 never reads as "0 %", and a number below 1 never as "100 %". */
  percent(p) {
    const percent = 100 * p;
    if (p === 0) return '0 %';
    if (percent < 0.001) {
      const [digit, exponent] = percent.toExponential(0).split('e-');
      return digit + '·10⁻' + [...exponent].map(d => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d]).join('') + ' %';
    }
    if (p < 1 && percent >= 99.95) return '> 99.9 %';
    return percent.toFixed(percent < 0.01 ? 4 : percent < 0.1 ? 3 : percent < 1 ? 2 : 1) + ' %';
  },
};
(() => {
  const button = document.getElementById('theme');
  const themes = ['auto', 'light', 'dark'];
  button.hidden = false;
  button.addEventListener('click', () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || 'auto') + 1) % themes.length];
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    button.textContent = 'Theme: ' + next;
  });
})();
