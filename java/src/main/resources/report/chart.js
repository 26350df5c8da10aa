// One line chart: axes, curves, crosshair. Knows nothing of training.

/** Charts with the same x axis share the place of the crosshair. */
const crosshair = {charts: new Set(), at(x, source) { this.charts.forEach((c) => c.point(x, c === source)); }};

/**
 * Smooths by a straight line through the neighbours of each point, weights falling as a Gaussian: it does not lag behind
 * like a running mean, nor bend at the ends like a mean of what is left there.
 */
function smoothed(values, deviation) {
  if (deviation < 0.3) {
    return values;
  }
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({length: reach + 1}, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2));
  return values.map((value, at) => (isNumber(value) ? lineAt(values, at, weights) : value));
}

/** The value at one point of the least-squares line through its neighbours. */
function lineAt(values, at, weights) {
  const reach = weights.length - 1;
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let i = Math.max(-reach, -at); i <= reach && at + i < values.length; i++) {
    const value = values[at + i];
    if (isNumber(value)) {
      const weight = weights[Math.abs(i)];
      w += weight;
      x += weight * i;
      y += weight * value;
      xx += weight * i * i;
      xy += weight * i * value;
    }
  }
  const determinant = w * xx - x * x;
  return determinant > 1e-12 ? (y * xx - x * xy) / determinant : y / w;
}

function nearest(values, x) {
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] < x) { low = middle; } else { high = middle; }
  }
  return Math.abs(values[low] - x) <= Math.abs(values[high] - x) ? low : high;
}

class LineChart {
  /**
   * @param options title, unit, format, height; series: name, colour, kind (train or test), x, y, stepsPerPoint;
   *     zero: the axis begins at 0; canLog; stairs: values hold until the next
   */
  constructor(options) {
    this.options = options;
    this.hidden = new Set();
    this.view = {log: false, smooth: 0, axis: 'step', xLabel: 'step', marks: []};
    this.tip = el('div', {class: 'tip', role: 'status'});
    this.plot = el('div', {class: 'plot'});
    this.legend = el('div', {class: 'legend'});
    const mixed = options.series.some((s) => s.kind === 'test');
    this.node = el('figure', {class: mixed ? 'chart mixed' : 'chart'},
      el('figcaption', {}, el('strong', {}, options.title), options.unit && el('span', {class: 'unit'}, options.unit)),
      this.legend, this.plot, this.tip);
    this.buildLegend();
    new ResizeObserver(() => this.draw()).observe(this.plot);
    crosshair.charts.add(this);
  }

  buildLegend() {
    this.legend.classList.toggle('alone', this.options.series.length === 1);
    for (const series of this.options.series) {
      this.legend.append(el('button', {
        type: 'button', 'aria-pressed': 'true', title: 'show or hide',
        onclick: (event) => {
          const shown = this.hidden.delete(series);
          if (!shown) { this.hidden.add(series); }
          event.currentTarget.setAttribute('aria-pressed', String(shown));
          this.draw();
        },
      }, svg('svg', {class: 'key', viewBox: '0 0 22 10', 'aria-hidden': true},
        svg('path', {d: 'M1 5h20', class: 'line ' + series.kind, stroke: series.colour}),
        series.kind === 'test' && svg('circle', {cx: 11, cy: 5, r: 2.6, fill: series.colour})), series.name));
    }
  }

  set(view) {
    Object.assign(this.view, view);
    this.draw();
  }

  /** What is drawn: per series x, raw y, smoothed y. */
  curves() {
    const deviation = (s) => (this.options.stairs ? 0 : this.view.smooth / s.stepsPerPoint);
    return this.options.series.filter((s) => !this.hidden.has(s)).map((s) => ({
      series: s, x: s.x[this.view.axis], y: s.y,
      smooth: s.kind === 'test' ? s.y : smoothed(s.y, deviation(s)),
    }));
  }

  domain(curves) {
    const log = this.view.log && this.options.canLog;
    const usable = (v) => isNumber(v) && (!log || v > 0);
    const values = curves.flatMap((c) => c.smooth).filter(usable).sort((a, b) => a - b);
    if (values.length === 0) {
      return null;
    }
    // A few values at the very start would press the rest flat.
    const high = Math.max(values[Math.floor((values.length - 1) * 0.998)], values[0]);
    // A fitted line may dip below what there can be.
    const least = Math.min(...curves.map((c) => c.y.reduce((m, v) => (usable(v) && v < m ? v : m), Infinity)));
    const low = Math.max(values[0], least);
    if (log) {
      return {log, low: low / 1.06, high: Math.max(high, low * 1.3) * 1.06};
    }
    const zero = this.options.zero || low < high * 0.5;
    return {log, low: zero ? Math.min(0, low) : low - 0.05 * (high - low), high: high + 0.04 * (high - Math.min(low, high) || high)};
  }

  scales(curves, width, height) {
    const y = this.domain(curves);
    if (!y) {
      return null;
    }
    let ticks = y.log ? logTicks(y.low, y.high) : linearTicks(y.low, y.high, height > 180 ? 6 : 4);
    if (!y.log) {
      y.low = ticks[0];
      ticks = ticks.filter((t) => t <= y.high + 1e-12);
    }
    const labels = ticks.map((t) => this.options.format(t));
    const left = 12 + 6.6 * Math.max(...labels.map((l) => l.length));
    const xs = curves.flatMap((c) => [c.x[0], c.x[c.x.length - 1]]).filter(isNumber);
    const first = Math.min(0, ...xs);
    const last = Math.max(...xs, first + 1e-9);
    const box = {left, right: width - 10, top: 8, bottom: height - 34};
    const of = y.log ? Math.log10 : (v) => v;
    return {
      box, ticks, labels, log: y.log, first, last,
      xTicks: linearTicks(first, last, Math.max(2, Math.floor(width / 62)), this.view.axis === 'step').filter((t) => t <= last),
      x: (v) => box.left + (box.right - box.left) * (v - first) / (last - first),
      y: (v) => box.bottom - (box.bottom - box.top) * (of(v) - of(y.low)) / (of(y.high) - of(y.low)),
      inverse: (px) => first + (last - first) * (px - box.left) / (box.right - box.left),
    };
  }

  draw() {
    const width = this.plot.clientWidth;
    const height = this.options.height;
    const curves = this.curves();
    const s = width > 60 ? this.scales(curves, width, height) : null;
    this.scale = s;
    this.plot.replaceChildren();
    if (!s) {
      this.plot.append(el('p', {class: 'missing'}, 'nothing to draw'));
      return;
    }
    const clip = 'clip' + Math.random().toString(36).slice(2);
    this.cross = svg('g', {class: 'cross'});
    this.plot.append(svg('svg', {
      viewBox: `0 0 ${width} ${height}`, width: '100%', role: 'img', tabindex: 0,
      'aria-label': `${this.options.title} by ${this.view.xLabel}; arrow keys read values`,
      onpointermove: (e) => this.follow(e), onpointerdown: (e) => this.follow(e),
      onpointerleave: () => crosshair.at(null, this), onblur: () => crosshair.at(null, this),
      onkeydown: (e) => this.key(e),
    },
    svg('clipPath', {id: clip}, svg('rect', {x: s.box.left, y: 0, width: s.box.right - s.box.left + 8, height: s.box.bottom + 1})),
    this.axes(s, width, height),
    svg('g', {'clip-path': `url(#${clip})`}, this.marks(s), curves.map((c) => this.curve(c, s)), curves.map((c) => this.dots(c, s))),
    this.cross));
  }

  axes(s, width, height) {
    const lines = s.ticks.map((t, i) => [
      svg('line', {class: 'rule', x1: s.box.left, x2: s.box.right, y1: s.y(t), y2: s.y(t)}),
      svg('text', {class: 'tick', x: s.box.left - 6, y: s.y(t) + 4, 'text-anchor': 'end'}, s.labels[i])]);
    const marks = s.xTicks.map((t) => [
      svg('line', {class: 'axis', x1: s.x(t), x2: s.x(t), y1: s.box.bottom, y2: s.box.bottom + 4}),
      svg('text', {class: 'tick', x: s.x(t), y: s.box.bottom + 16, 'text-anchor': 'middle'}, grouped(t) === String(t) || t % 1 === 0 ? grouped(t) : plain(t))]);
    return [lines, marks,
      svg('line', {class: 'axis', x1: s.box.left, x2: s.box.right, y1: s.box.bottom, y2: s.box.bottom}),
      svg('text', {class: 'label', x: (s.box.left + s.box.right) / 2, y: height - 3, 'text-anchor': 'middle'}, this.view.xLabel)];
  }

  marks(s) {
    return this.view.marks.map((m) => {
      const x = s.x(m.x[this.view.axis]);
      return [svg('line', {class: 'mark-line', x1: x, x2: x, y1: s.box.top, y2: s.box.bottom}),
        svg('text', {class: 'mark-text', x: x - 4, y: s.box.top + 10, 'text-anchor': 'end'}, m.text)];
    });
  }

  path(curve, values, s) {
    let text = '';
    let pen = 'M';
    values.forEach((value, i) => {
      if (!isNumber(value) || (s.log && value <= 0) || !isNumber(curve.x[i])) {
        pen = 'M';
        return;
      }
      const x = s.x(curve.x[i]).toFixed(1);
      text += (this.options.stairs && pen === 'L' ? 'H' + x : '') + pen + x + ' ' + s.y(value).toFixed(1);
      pen = 'L';
    });
    return text;
  }

  curve(curve, s) {
    const {series} = curve;
    const group = svg('g', {stroke: series.colour, fill: series.colour});
    if (curve.smooth !== curve.y) {
      group.append(svg('path', {class: 'line raw', d: this.path(curve, curve.y, s)}));
    }
    group.append(svg('path', {class: 'line ' + series.kind, d: this.path(curve, curve.smooth, s)}));
    return group;
  }

  /** Evaluations that are few enough to be seen one by one; above all lines, or one would hide them. */
  dots(curve, s) {
    const few = curve.series.kind === 'test' && curve.x.length <= 60;
    const drawn = few ? curve.smooth.map((v, i) => i).filter((i) => isNumber(curve.smooth[i]) && (!s.log || curve.smooth[i] > 0)) : [];
    return svg('g', {fill: curve.series.colour}, drawn.map((i) =>
      svg('circle', {class: 'dot', cx: s.x(curve.x[i]), cy: s.y(curve.smooth[i]), r: drawn.length > 1 ? 3 : 4.5})));
  }

  follow(event) {
    const box = this.plot.getBoundingClientRect();
    crosshair.at(this.scale ? this.scale.inverse((event.clientX - box.left) * (this.plot.clientWidth / box.width)) : null, this);
  }

  key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step && this.scale) {
      event.preventDefault();
      const s = this.scale;
      const x = (this.at ?? s.first) + step * (s.last - s.first) / 100;
      crosshair.at(Math.max(s.first, Math.min(s.last, x)), this);
    }
  }

  /** Shows the values nearest to x; the chart under the pointer tells them as well. */
  point(x, active) {
    this.at = x;
    const s = this.scale;
    if (!s || !this.cross) {
      return;
    }
    this.cross.replaceChildren();
    this.tip.classList.toggle('shown', x !== null && active);
    if (x === null || x < s.first || x > s.last) {
      this.tip.classList.remove('shown');
      return;
    }
    this.cross.append(svg('line', {x1: s.x(x), x2: s.x(x), y1: s.box.top, y2: s.box.bottom}));
    const rows = [];
    for (const c of this.curves()) {
      const i = nearest(c.x, x);
      if (isNumber(c.smooth[i]) && (!s.log || c.smooth[i] > 0)) {
        this.cross.append(svg('circle', {cx: s.x(c.x[i]), cy: s.y(c.smooth[i]), r: 4, fill: c.series.colour}));
        const raw = c.smooth !== c.y ? ` (${this.options.format(c.y[i], true)})` : '';
        rows.push(el('div', {}, el('i', {style: `background:${c.series.colour}`}), el('span', {}, c.series.name),
          el('b', {}, this.options.format(c.smooth[i], true) + raw)));
      }
    }
    if (active) {
      this.showTip(s, x, rows);
    }
  }

  showTip(s, x, rows) {
    const place = this.view.axis === 'step' ? grouped(x) : plain(Number(x.toPrecision(3)));
    this.tip.replaceChildren(el('div', {class: 'tip-x'}, `${this.view.xLabel} ${place}`), ...rows);
    const right = s.x(x) > this.plot.clientWidth / 2;
    this.tip.style.top = this.plot.offsetTop + 6 + 'px';
    this.tip.style.left = right ? '' : s.x(x) + 14 + 'px';
    this.tip.style.right = right ? this.plot.clientWidth - s.x(x) + 14 + 'px' : '';
  }
}
