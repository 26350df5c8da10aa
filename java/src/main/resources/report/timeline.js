// One step as it happened: a row per stream and for moves between ranks, a box per operation, an arrow per exchange.

const TIMELINE = {width: 1150, left: 96, right: 12, top: 22, row: 30, thinRow: 16, gap: 8};

const ROW_NAMES = {COPY: 'copies', MOVES: 'between ranks'};

/** What an operation is drawn as; what is not named here is small. */
const KINDS = [
  ['convolution', /^Conv/, 'var(--c0)'],
  ['locally connected', /^Local/, 'var(--c6)'],
  ['fully connected', /^Fc/, 'var(--c2)'],
  ['normalisation, pooling', /^(Lrn|Channels|Pool|Relu|Tanh|Sigmoid)/, 'var(--c4)'],
  ['update, sum', /^(SgdUpdate|Add|BiasGrad)/, 'var(--c3)'],
  ['waiting for a plane', /^Receive/, 'var(--idle)'],
  ['waiting for other ranks', /^(Allgather|Alltoall|AwaitMove)/, 'var(--idle)'],
  ['copy between towers', /^Copy/, 'var(--c1)'],
  ['move between ranks', /^Move/, 'var(--c7)'],
  ['input, loss, dropout', /^(Input|Softmax|Dropout)/, 'var(--c5)'],
];
const kindOf = (span) => KINDS.find(([, pattern]) => pattern.test(span.operation));

/**
 * Rows from top to bottom. Of two towers the copy streams lie in the middle, where planes cross; one tower copies nothing. Moves between
 * ranks, where there are any, lie on the other side.
 */
function timelineRows({towers, spans}) {
  const ranks = spans.some((s) => s.row === 'MOVES');
  const order = (t) => {
    const rows = [ranks && 'MOVES', 'COMPUTE', towers > 1 && 'COPY'].filter(Boolean);
    return towers === 2 && t === 1 ? rows.reverse() : rows;
  };
  const rows = [];
  let y = TIMELINE.top;
  for (let t = 0; t < towers; t++) {
    for (const row of order(t)) {
      const height = row === 'COMPUTE' ? TIMELINE.row : TIMELINE.thinRow;
      rows.push({tower: t, row, y, height});
      y += height + (row === order(t).at(-1) ? TIMELINE.gap : 3);
    }
  }
  return {rows, bottom: y};
}

function timelineBox(span, row, x) {
  const [, , fill] = kindOf(span) || [];
  if (!fill) {
    return null;
  }
  const left = x(span.begin);
  const width = Math.max(0.6, x(span.end) - left);
  const idle = fill === 'var(--idle)';
  const text = idle ? '' : span.layer;
  return svg('g', {class: idle ? 'box idle' : 'box'},
    svg('title', {}, `${span.name}: ${duration2(span.end - span.begin)}, from ${fixed(span.begin / 1000, 2)} ms`),
    svg('rect', {x: left.toFixed(1), y: row.y, width: width.toFixed(1), height: row.height, rx: 1.5, fill}),
    span.row === 'COMPUTE' && width > 7 * text.length + 6 && svg('text', {x: left + width / 2, y: row.y + row.height / 2 + 4, 'text-anchor': 'middle'}, text));
}

function timelineArrow(arrow, rows, x) {
  const source = rows.find((r) => r.tower === arrow.from && r.row === 'COMPUTE');
  const target = rows.find((r) => r.tower === arrow.to && r.row === 'COPY');
  const down = target.y > source.y;
  return svg('path', {
    class: 'arrow', 'marker-end': 'url(#arrow-head)',
    d: `M${x(arrow.begin).toFixed(1)} ${down ? source.y + source.height : source.y}L${x(arrow.end).toFixed(1)} ${down ? target.y : target.y + target.height}`,
  });
}

function timelineDrawing(timeline) {
  const {rows, bottom} = timelineRows(timeline);
  const {left, right, width, top} = TIMELINE;
  const x = (micros) => left + (width - left - right) * micros / timeline.micros;
  const ticks = linearTicks(0, timeline.micros / 1000, 10).filter((t) => 1000 * t <= timeline.micros);
  const rowOf = (span) => rows.find((r) => r.tower === span.tower && r.row === span.row);
  const back = Math.min(...timeline.spans.filter((s) => s.backward && s.row === 'COMPUTE').map((s) => s.begin));
  const height = bottom + 30;
  return svg('svg', {class: 'timeline', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Step ${timeline.step}: ${fixed(timeline.micros / 1000, 1)} ms`},
    svg('defs', {}, svg('marker', {id: 'arrow-head', viewBox: '0 0 6 6', refX: 5, refY: 3, markerWidth: 5, markerHeight: 5, orient: 'auto'}, svg('path', {d: 'M0 0L6 3L0 6Z'}))),
    ticks.map((t) => [
      svg('line', {class: 'rule', x1: x(1000 * t), x2: x(1000 * t), y1: top - 4, y2: bottom}),
      svg('text', {class: 'tick', x: x(1000 * t), y: bottom + 13, 'text-anchor': 'middle'}, plain(t))]),
    svg('text', {class: 'label', x: (left + width) / 2, y: height - 3, 'text-anchor': 'middle'}, 'milliseconds'),
    svg('text', {class: 'mark-text', x: left, y: top - 8}, 'forward'),
    Number.isFinite(back) && [
      svg('line', {class: 'mark-line', x1: x(back), x2: x(back), y1: top - 16, y2: bottom}),
      svg('text', {class: 'mark-text', x: x(back) + 4, y: top - 8}, 'backward and update')],
    rows.map((r) => [
      svg('rect', {class: 'lane', x: left, y: r.y, width: width - left - right, height: r.height}),
      svg('text', {class: 'tick', x: left - 8, y: r.y + r.height / 2 + 4, 'text-anchor': 'end'}, ROW_NAMES[r.row] || `tower ${towerName(r.tower)}`)]),
    timeline.spans.map((s) => timelineBox(s, rowOf(s), x)),
    timeline.arrows.map((a) => timelineArrow(a, rows, x)));
}

function timelineSection(run) {
  const {timeline} = run;
  if (!timeline) {
    return section('timeline', 'One step', null, missing('The run folder has no trace.json.'));
  }
  const seen = KINDS.filter(([, pattern]) => timeline.spans.some((s) => pattern.test(s.operation)));
  const arrows = timeline.towers > 1 ? ' An arrow leads from where a plane or a gradient was complete to where it began to arrive.' : '';
  return section('timeline', 'One step',
    `Step ${grouped(timeline.step)} on ${timeline.devices.replace(/[[\]]/g, '')}, ${fixed(timeline.micros / 1000, 1)} ms: what each stream did.${arrows} ui.perfetto.dev opens trace.json, which has more.`,
    el('p', {class: 'legend still'}, seen.map(([name, , fill]) => el('span', {}, el('i', {style: `background:${fill}`}), name))),
    el('div', {class: 'scroll wide', tabindex: 0, role: 'region', 'aria-label': 'Timeline of one step'}, timelineDrawing(timeline)));
}
