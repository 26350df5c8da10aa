// What the layers do: histograms, zeros, dead units, gradients, by tower.

const BIN_HEIGHT = 34;
const BIN_WIDTH = 168;

/** Histograms of all towers over one range; heights on a log scale, or one bin would be all. */
function histogram(summaries) {
  const low = Math.min(...summaries.map((s) => s.low));
  const high = Math.max(...summaries.map((s) => s.high));
  const most = Math.max(...summaries.flatMap((s) => s.bins));
  const x = (v) => (high > low ? 1 + (BIN_WIDTH - 2) * (v - low) / (high - low) : BIN_WIDTH / 2);
  const y = (n) => BIN_HEIGHT - (BIN_HEIGHT - 2) * Math.log1p(n) / Math.log1p(most || 1);
  const shapes = summaries.map((s) => {
    const step = (s.high - s.low) / s.bins.length;
    const points = s.bins.map((n, i) => `L${x(s.low + i * step).toFixed(1)} ${y(n).toFixed(1)}H${x(s.low + (i + 1) * step).toFixed(1)}`);
    return svg('path', {
      d: `M${x(s.low).toFixed(1)} ${BIN_HEIGHT}${points.join('')}V${BIN_HEIGHT}Z`,
      class: 'histogram', stroke: summaries.length > 1 ? towerColour(s.tower) : colour(0), fill: summaries.length > 1 ? towerColour(s.tower) : colour(0),
    });
  });
  return el('div', {class: 'histo'},
    svg('svg', {viewBox: `0 0 ${BIN_WIDTH} ${BIN_HEIGHT}`, width: BIN_WIDTH, height: BIN_HEIGHT, preserveAspectRatio: 'none', role: 'img', 'aria-label': `values from ${plain(low)} to ${plain(high)}`},
      low < 0 && svg('line', {class: 'zero', x1: x(0), x2: x(0), y1: 0, y2: BIN_HEIGHT}), shapes,
      svg('line', {class: 'axis', x1: 0, x2: BIN_WIDTH, y1: BIN_HEIGHT - 0.5, y2: BIN_HEIGHT - 0.5})),
    el('div', {class: 'range'}, el('span', {}, plain(Number(low.toPrecision(2)))), el('span', {}, plain(Number(high.toPrecision(2))))));
}

/** One bar per tower with its value behind. */
function towerBars(summaries, value, text, warns = () => false) {
  return el('div', {class: 'tower-bars'}, summaries.map((s) => el('div', {class: warns(s) && 'warn', title: summaries.length > 1 ? 'tower ' + towerName(s.tower) : null},
    el('span', {class: 'track'}, el('i', {style: `width:${(100 * Math.min(1, value(s))).toFixed(1)}%;background:${summaries.length > 1 ? towerColour(s.tower) : colour(0)}`})),
    el('span', {class: 'value'}, text(s)))));
}

function logDots(summaries, low, high) {
  const place = (v) => 100 * Math.log(v / low) / Math.log(high / low);
  const known = summaries.filter((s) => s.gradient > 0);
  if (!known.length) {
    return el('span', {class: 'none'}, '–');
  }
  return el('div', {class: 'dots', title: known.map((s) => `${towerName(s.tower)} ${plain(s.gradient)}`).join(', ')},
    el('span', {class: 'rail'}, known.map((s) => el('i', {style: `left:${place(s.gradient).toFixed(1)}%;background:${known.length > 1 ? towerColour(s.tower) : colour(0)}`}))),
    el('span', {class: 'value'}, scientific(known[0].gradient)));
}

function layerRow(layer, low, high) {
  const s = layer.towers;
  // Dead is what a rectifier leaves at zero; before it, below zero is no death.
  const rectified = layer.kind === 'relu';
  return el('tr', {},
    el('th', {scope: 'row'}, layer.name, el('span', {class: 'kind'}, layer.kind)),
    el('td', {}, histogram(s)),
    el('td', {class: 'number'}, s.map((t) => el('div', {}, `${plain(Number(t.mean.toPrecision(3)))} ± ${plain(Number(t.deviation.toPrecision(3)))}`))),
    el('td', {}, towerBars(s, (t) => t.zeros, (t) => percent(t.zeros, 1))),
    el('td', {}, rectified ? towerBars(s, (t) => t.dead / t.units, (t) => `${grouped(t.dead)} of ${grouped(t.units)}`, (t) => t.dead > 0) : el('span', {class: 'none'}, '–')),
    el('td', {}, logDots(s, low, high)));
}

function layersSection(run) {
  const found = run.findings;
  if (!found) {
    return section('layers', 'What its layers do', null, missing('Needs images: ', INSPECT(run)));
  }
  const layers = found.layers.filter((l) => l.towers.length && !['dropout', 'softmax'].includes(l.kind));
  const gradients = layers.flatMap((l) => l.towers.map((t) => t.gradient)).filter((g) => g > 0);
  const low = Math.min(...gradients) / 1.5;
  const high = Math.max(...gradients) * 1.5;
  const towers = run.plan ? run.plan.towers : 1;
  const legend = towers > 1 && el('p', {class: 'legend still'}, Array.from({length: towers}, (_, t) => el('span', {}, el('i', {style: `background:${towerColour(t)}`}), 'tower ' + towerName(t))));
  const heads = ['Layer', 'Values, log count', 'Mean ± deviation', 'Zeros', 'Dead units', 'Gradient, RMS, log scale'];
  return section('layers', 'What its layers do',
    `Outputs for ${grouped(found.layerImages)} held-out images as in testing; histograms leave out the outermost thousandth. A unit (a map, or a neuron) is dead if the rectifier left it at zero everywhere in all of them.`
      + (found.gradientImages ? ` Gradients of the mean loss with respect to the outputs, from one pass backward with ${grouped(found.gradientImages)} of the images, without an update.` : ''),
    legend,
    el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Layers'},
      el('table', {class: 'layers'}, el('thead', {}, el('tr', {}, heads.map((h) => el('th', {scope: 'col'}, h)))),
        el('tbody', {}, layers.map((l) => layerRow(l, low, high))))));
}
