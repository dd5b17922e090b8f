// A chart over steps, drawn by uPlot. The pointer or the arrow keys read values. Dragging, + and − zoom; 0 shows all steps again.
import uPlot from '../uplot.js';
import {button} from '../words.js';
import {aligned, nearest} from './curves.js';
import {grouped, value} from './figures.js';

const {element} = inkling;
const LEFT = 58, NAME = 18;          // pixels of the numbers beside a chart, and of an axis's name
const FEW = 60, FEW_DASH = [2, 5];   // the most points of a line that get a dot each, and the dashes between the dots

/** The distance between grid lines of the x axis is one of these whole numbers, since there is no half update. */
const WHOLE = Array.from({length: 16}, (_, i) => [1, 2, 5].map(n => n * 10 ** i)).flat();

const charts = new Set();
/** Redraws all charts of the page when the colours change, by the system or by the theme button. */
const repaint = () => requestAnimationFrame(() => charts.forEach(chart => chart.recolour()));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
new MutationObserver(repaint).observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});

/**
 * @param spec
 *   id, title, height
 *   unit    what the y axis counts
 *   scales  of the y axis: 'linear', 'log', 'from_zero'; the first is shown at first
 *   lines   a list of
 *     name
 *     colour    a property of the style sheet
 *     kind      'band' | 'thin' | 'line' | 'points'; a band is two lines, its lower and then its upper edge
 *     fill      of the lower edge of a band: the band's colour, a property of the style sheet
 *     dash      lengths in pixels; none for a solid line
 *     told      false if its value is not read out at the pointer, and its name is not in the caption
 *     measured  true for values that are measured now and then: if they are few, they are drawn as dots with a faint line between them
 *     css       a class for its name in the caption
 * @param on
 *   zoom(from, to)  the user chose a range of steps; zoom(null): all steps
 *   step(step)      the user clicked at this place of the x axis (perhaps between two steps), or pressed Enter at this step
 */
export function createChart(spec, on) {
  const plot = element('div', {class: 'plot', tabindex: 0, role: 'img',
    'aria-label': `${spec.title}. Arrow keys read values, plus and minus zoom, 0 shows all.`});
  const readout = element('span', {class: 'readout', 'aria-live': 'polite'});
  const caption = element('figcaption', {}, element('span', {class: 'title'}, spec.title), keys(spec.lines), readout);
  const figure = element('figure', {class: 'chart', id: 'chart-' + spec.id}, caption, plot);
  let scale = spec.scales[0], unit = spec.unit, data = [[]], lines = [], marks = [], chosen = null, range = null, u = null, shownWidth = 0;

  if (spec.scales.length > 1) {
    const next = () => spec.scales[(spec.scales.indexOf(scale) + 1) % spec.scales.length];
    const label = () => `to a ${next() === 'log' ? 'logarithmic' : 'linear'} scale`;
    const change = button(label(), () => {
      scale = next();
      change.textContent = label();
      make();
    }, {class: 'quiet switch-scale'});
    caption.append(change);
  }

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function make() {
    u?.destroy();
    if (!plot.clientWidth) return;
    shownWidth = plot.clientWidth;
    const soft = colour('--soft'), grid = {stroke: colour('--line'), width: 1}, font = '12px ' + colour('--plain');
    const axis = {stroke: soft, grid, ticks: {show: false}, font, labelFont: font, labelSize: NAME, labelGap: 0};
    u = new uPlot({
      width: plot.clientWidth, height: spec.height, legend: {show: false}, padding: [8, 18, 0, 0],
      cursor: {drag: {x: true, y: false, setScale: false, dist: 5}, points: {show: false}, y: false, focus: {prox: -1}},
      scales: {x: {time: false, range: (self, low, high) => range || [low, high]}, y: yScale()},
      axes: [{...axis, label: 'step', size: 26, space: 60, incrs: WHOLE, values: (self, at) => at.map(short)},
        {...axis, label: unit, size: LEFT, space: 34, values: (self, at) => at.map(t => t === null ? '' : tick(t))}],
      series: [{}, ...spec.lines.map((line, i) => seriesOf(line, i + 1))],
      bands: spec.lines.flatMap((line, i) => line.kind === 'band' && spec.lines[i + 1]?.kind === 'band' && line.fill
        ? [{series: [i + 2, i + 1], fill: colour(line.fill)}] : []),
      hooks: {setCursor: [tell], setSelect: [select], draw: [drawMarks], ready: [listen]},
    }, data, plot);
  }

  function yScale() {
    return scale === 'log' ? {distr: 3} : scale === 'from_zero' ? {range: (self, low, high) => [0, high > 0 ? high * 1.05 : 1]}
      : {range: (self, low, high) => low === null ? [0, 1] : low === high ? [low - 1, low + 1] : uPlot.rangeNum(low, high, 0.08, false)};
  }

  function seriesOf(line, i) {
    const stroke = colour(line.colour);
    return {
      label: line.name, stroke: line.kind === 'band' ? null : stroke, spanGaps: true, auto: true,
      width: line.kind === 'thin' || line.measured ? 1 : line.kind === 'band' ? 0 : 1.75, dash: dashOf(line, i),
      points: {show: line.kind === 'points' ? (self, i) => aFew(i) : false, size: line.measured ? 7 : 5, fill: stroke, stroke},
    };
  }

  /** Whether line i, from 1, has so few points that their dots do not run into each other. */
  const aFew = i => (lines[i - 1]?.steps.length || 0) <= FEW;

  const dashOf = (line, i) => line.measured && aFew(i) ? FEW_DASH : line.dash;

  function tell(self) {
    const i = self.cursor.idx;
    if (i === null || i === undefined) return void (readout.textContent = '');
    readout.textContent = 'step ' + grouped(data[0][i]) + spec.lines.map((line, k) => told(line, lines[k], data[0][i])).join('');
  }

  /** The words for a line's point nearest to a step; of a line of kind 'points', for the last point up to the step, if there is one. */
  function told(line, own, step) {
    if (line.told === false || !own?.steps.length) return '';
    let i = nearest(own.steps, step);
    if (own.steps[i] > step && i > 0 && line.kind === 'points') i--;
    return ` · ${line.name} ${value((own.read || own.values)[i])}` + (own.steps[i] === step ? '' : ` at ${grouped(own.steps[i])}`);
  }

  function select(self) {
    const {left, width} = self.select;
    if (width < 3) return;
    const from = Math.floor(self.posToVal(left, 'x')), to = Math.ceil(self.posToVal(left + width, 'x'));
    self.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
    if (to > from) on.zoom(from, to);
  }

  function listen(self) {
    self.over.addEventListener('click', e => {
      if (data[0].length) on.step?.(self.posToVal(e.clientX - self.over.getBoundingClientRect().left, 'x'));
    });
    self.over.addEventListener('dblclick', () => on.zoom(null));
  }

  /** Draws short marks under the curves at the steps in `marks`; at the chosen step, a dot and an upright line. */
  function drawMarks(self) {
    if (!marks.length && chosen === null) return;
    const {ctx, bbox} = self, pixel = devicePixelRatio, bottom = bbox.top + bbox.height;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - 4 * pixel, bbox.top, bbox.width + 8 * pixel, bbox.height + 4 * pixel);
    ctx.clip();
    ctx.fillStyle = colour('--data');
    let before = -1e9;
    for (const step of marks) {
      const x = self.valToPos(step, 'x', true);
      if (x - before < 2 * pixel) continue;
      ctx.fillRect(x - pixel, bottom - 7 * pixel, 2 * pixel, 7 * pixel);
      before = x;
    }
    if (chosen !== null) {
      const x = self.valToPos(chosen, 'x', true);
      ctx.fillStyle = colour('--accent');
      ctx.fillRect(x - pixel / 2, bbox.top, pixel, bbox.height);
      ctx.beginPath();
      ctx.arc(x, bottom - 4 * pixel, 4.5 * pixel, 0, 7);
      ctx.fill();
    }
    ctx.restore();
  }

  plot.addEventListener('keydown', e => {
    if (!u || !data[0].length || e.ctrlKey || e.metaKey || e.altKey) return;
    const [from, to] = [u.scales.x.min, u.scales.x.max], middle = at() ?? (from + to) / 2;
    const move = {ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -1e9, End: 1e9}[e.key];
    if (move !== undefined) point(move);
    else if (e.key === '+' || e.key === '=') zoomAround(middle, from, to, 0.5);
    else if (e.key === '-') zoomAround(middle, from, to, 2);
    else if (e.key === '0') on.zoom(null);
    else if (e.key === 'Enter' && at() !== null) on.step?.(at());
    else return;
    e.preventDefault();
  });
  plot.addEventListener('focus', () => u && data[0].length && u.cursor.idx == null && plot.matches(':focus-visible') && point(1e9));

  const at = () => u.cursor.idx == null ? null : data[0][u.cursor.idx];

  function point(by) {
    const first = nearest(data[0], u.scales.x.min), last = nearest(data[0], u.scales.x.max);
    const i = Math.max(first, Math.min(last, (u.cursor.idx ?? last + 1) + by));
    u.setCursor({left: u.valToPos(data[0][i], 'x'), top: 0});
  }

  function zoomAround(middle, from, to, by) {
    const span = (to - from) * by;
    on.zoom(Math.floor(middle - (middle - from) * by), Math.ceil(middle - (middle - from) * by + span));
  }

  const resized = new ResizeObserver(() => {
    if (!u) make();
    else if (plot.clientWidth && plot.clientWidth !== shownWidth) {
      shownWidth = plot.clientWidth;
      u.setSize({width: shownWidth, height: spec.height});
    }
  });
  resized.observe(plot);

  const chart = {
    figure,
    /** The steps that are drawn, and for each line its values at these steps. */
    drawn: () => data,
    /** Draws other data. @param own for each of spec.lines {steps, values}, and `read`: the values to read out, if they are others */
    set(own) {
      lines = own;
      data = aligned(own);
      figure.hidden = !data[0].length;
      if (!u) return make();
      spec.lines.forEach((line, i) => { u.series[i + 1].dash = dashOf(line, i + 1); });
      u.setData(data);
    },
    /** Changes the name of what the y axis counts. */
    unit(text) {
      if (text === unit) return;
      unit = text;
      if (u) make();
    },
    /** Shows the steps from `from` to `to`, or all of them. */
    zoom(from, to) {
      range = from === null ? null : [from, to];
      if (u) u.setScale('x', range ? {min: from, max: to} : {min: data[0][0], max: data[0][data[0].length - 1]});
    },
    mark(steps, one) {
      marks = steps;
      chosen = one;
      u?.redraw(false);
    },
    recolour: make,
    end() {
      resized.disconnect();
      charts.delete(chart);
      u?.destroy();
    },
  };
  charts.add(chart);
  figure.chart = chart;
  return chart;
}

function keys(lines) {
  const told = lines.filter(line => line.told !== false);
  return element('span', {class: 'keys'}, ...(told.length > 1 ? told : []).map(line =>
    element('span', {class: `key ${line.measured ? 'measured' : line.kind} ${line.css || ''}`}, line.name)));
}

/** 0, 250, 7,500, 10k, 1.5M. */
const short = n => n >= 1e6 ? n / 1e6 + 'M' : n >= 1e4 ? n / 1e3 + 'k' : grouped(n);

const tick = v => (v === 0 ? '0' : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e7 ? v.toExponential(1).replace('.0e', 'e')
  : Math.abs(v) >= 1000 ? grouped(v) : String(Number(v.toPrecision(4)))).replace(/^-/, '−');
