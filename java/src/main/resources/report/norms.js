// How large gradients and updates are beside the weights, by layer.

function normChart(run, title, unit, key) {
  const series = Object.entries(run.history.norms).map(([layer, curve], i) => ({
    kind: 'test', name: layer, colour: colour(i), x: axes(curve, run), y: curve[key], stepsPerPoint: curve.stepsPerPoint,
  }));
  const chart = new LineChart({title, unit, series, format: (v, exact) => (exact ? scientific(v) : plain(Number(v.toPrecision(2)))), height: 260, canLog: true});
  chart.set({log: true, axis: 'step', xLabel: axisLabel('step')});
  return chart.node;
}

/** Runs that were not asked to measure have no such part. */
function normsSection(run) {
  if (!Object.keys(run.history.norms || {}).length) {
    return '';
  }
  return section('norms', 'How fast its weights move',
    'Of the weights of each layer, in single steps of training, logarithmic. The gradient is that of the mean loss of the batch; the update is what the step added, with momentum and decay. A ratio near 1/1000 is common; far below it a layer hardly learns, far above it its weights are overwritten.',
    el('div', {class: 'grid two'},
      normChart(run, 'Gradient', 'Euclidean norm', 'gradient'),
      normChart(run, 'Update over weights', 'ratio of Euclidean norms', 'ratio')));
}
