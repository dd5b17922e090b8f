'use strict';
// Shared by all of Inkling's pages: data embedded in the page, small builders, the theme button.
const inkling = {
  /** The value that HtmlPage.data(id, …) embedded. */
  data(id) {
    return JSON.parse(document.getElementById('data-' + id).textContent);
  },
  /** An element; children are elements or plain text (never markup). */
  element(name, attributes = {}, ...children) {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    e.append(...children);
    return e;
  },
  /** 0.1234 is "12.3 %"; what is not zero never reads as zero. */
  percent(p) {
    if (p === 0) return '0 %';
    if (p < 1e-6) return p.toExponential(0).replace('e-', ' × 10⁻').replace(/⁻(\d+)/, (_, d) => '⁻' + inkling.superscript(d)) + ' %';
    if (p > 0.9995 && p < 1) return '> 99.9 %';
    return (100 * p).toFixed(p < 0.0001 ? 4 : p < 0.001 ? 3 : p < 0.01 ? 2 : 1) + ' %';
  },
  superscript(digits) {
    return [...digits].map(d => '⁰¹²³⁴⁵⁶⁷⁸⁹'[+d]).join('');
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
