// The curves of the runs, with their controls.

/** Smoothing is a deviation in steps, at most a twelfth of the longest run. */
const STEPS = Math.max(...DATA.runs.map((r) => r.history.steps));
const VIEW = {log: false, smooth: STEPS / 100, axis: 'step'};

/** The x values of a curve on every axis that there may be. */
function axes(curve, run) {
  const after = curve.step.map((s) => s + 1);
  const perEpoch = stepsPerEpoch(run);
  return {step: after, epoch: after.map((s) => s / perEpoch), time: curve.seconds.map((s) => s / timeUnit().seconds)};
}

function stepsPerEpoch(run) {
  const known = run.history.stepsPerEpoch;
  const set = run.environment && run.environment.dataSet;
  return known || (set && run.plan ? Math.floor(set.trainImages / run.plan.batch) : 0);
}

function timeUnit() {
  const longest = Math.max(...DATA.runs.map((r) => r.history.seconds));
  return [{name: 'h', seconds: 3600}, {name: 'min', seconds: 60}].find((u) => longest >= 2 * u.seconds) || {name: 's', seconds: 1};
}

function axisOptions() {
  const epochs = DATA.runs.every((r) => stepsPerEpoch(r) > 0);
  return [['step', 'step'], epochs && ['epoch', 'epoch'], ['time', 'time']].filter(Boolean);
}

function axisLabel(axis) {
  return axis === 'time' ? 'training time, ' + timeUnit().name : axis;
}

/** Series of all runs: training thin, held out with dots; several runs tell by colour. */
function series(key, withTest) {
  const several = DATA.runs.length > 1;
  return DATA.runs.flatMap((run, i) => {
    const {train, test} = run.history;
    const one = (kind, name, curve) => ({
      kind, name: several ? run.name + (withTest ? ', ' + name : '') : name,
      colour: several ? colour(i) : colour(kind === 'test' ? 1 : 0),
      x: axes(curve, run), y: curve[key], stepsPerPoint: curve.stepsPerPoint,
    });
    const training = one('train', 'training', train);
    return withTest && test.step.length ? [training, one('test', 'held out', test)] : [training];
  });
}

function charts() {
  const share = (v, exact) => (exact ? percent(v, 1) : Number((100 * v).toPrecision(3)) + THIN + '%');
  const make = (options, key, withTest) => new LineChart({...options, series: series(key, withTest)});
  const number = (v) => plain(v);
  const whole = (v, exact) => (exact ? fixed(v, v < 100 ? 1 : 0) : v < 10 ? plain(v) : grouped(v));
  const list = [
    make({title: 'Loss', unit: 'mean log-loss, nats', format: number, height: 300, canLog: true}, 'loss', true),
    make({title: 'Top-1 error', unit: 'share of images', format: share, height: 300, canLog: true, zero: true}, 'top1Error', true),
    make({title: 'Top-5 error', unit: 'share of images', format: share, height: 210, canLog: true, zero: true}, 'top5Error', true),
    make({title: 'Learning rate', unit: 'of the weights', format: number, height: 210, canLog: true, zero: true, stairs: true}, 'rate', false),
    make({title: 'Speed', unit: 'images per second, with loading', format: whole, height: 210, zero: true}, 'imagesPerSecond', false),
  ];
  if (DATA.runs.some((r) => r.history.train.loaderShare.some(isNumber))) {
    list.push(make({title: 'Waiting for images', unit: 'share of the step', format: share, height: 210, zero: true}, 'loaderShare', false));
  }
  return list;
}

/** Where the learning rate falls or rises. */
function rateMarks() {
  if (DATA.runs.length > 1) {
    return [];
  }
  const {history} = DATA.runs[0];
  const x = axes(history.train, DATA.runs[0]);
  const marks = [];
  history.train.rate.forEach((rate, i, all) => {
    const before = all[i - 1];
    if (i > 0 && isNumber(before) && Math.abs(rate / before - 1) > 0.3 && marks.length < 8) {
      const factor = rate < before ? '÷' + plain(Number((before / rate).toPrecision(2))) : '×' + plain(Number((rate / before).toPrecision(2)));
      marks.push({x: {step: x.step[i], epoch: x.epoch[i], time: x.time[i]}, text: 'rate ' + factor});
    }
  });
  return marks;
}

/** What sets training's values apart from those of held-out images, by the runs' own settings. */
function howMeasured() {
  const some = (test) => DATA.runs.some((r) => Object.entries(r.settings).some(([name, value]) => test(name, value)));
  const dropout = some((name, value) => /^network\.layers\..*\.type$/.test(name) && value === 'dropout');
  const changed = some((name, value) => (name === 'augmentation.crop' && value !== 'centre')
    || (/^augmentation\.(flip|colourNoise)$/.test(name) && /^(on|true)$/.test(value)));
  const ways = [dropout && 'with dropout', changed && 'on changed images'].filter(Boolean);
  return `Training is measured ${ways.length ? ways.join(' and ') + ', ' : ''}as it learns; held-out images ${changed ? 'are seen whole' : 'are looked at after an epoch'}.`;
}

function curvesSection() {
  const all = charts();
  const marks = rateMarks();
  const apply = () => all.forEach((chart, i) => chart.set({...VIEW, xLabel: axisLabel(VIEW.axis), marks: i < 3 ? marks : []}));
  const width = () => (VIEW.smooth === 0 ? 'off' : `± ${plain(Number(VIEW.smooth.toPrecision(2)))} steps`);
  const value = el('output', {for: 'smooth'}, width());
  const slider = el('input', {
    id: 'smooth', type: 'range', min: 0, max: 100, step: 1, value: 100 * Math.sqrt(12 * VIEW.smooth / STEPS),
    oninput: (e) => { VIEW.smooth = STEPS / 12 * (e.target.value / 100) ** 2; value.textContent = width(); apply(); },
  });
  const controls = el('div', {class: 'controls'},
    el('div', {}, el('span', {}, 'Values'), choice('Values', [['linear', 'linear'], ['log', 'log']], 'linear', (v) => { VIEW.log = v === 'log'; apply(); })),
    el('div', {}, el('span', {}, 'Against'), choice('Against', axisOptions(), 'step', (v) => { VIEW.axis = v; apply(); })),
    el('div', {}, el('label', {for: 'smooth'}, 'Smoothing'), slider, value));
  const points = Math.max(...DATA.runs.map((r) => r.history.train.stepsPerPoint));
  const note = (points > 1 ? `Each point of training is the mean of ${points} steps. ` : '')
    + howMeasured() + ' Smoothing fits a line to the neighbours of each point, weighted by a Gaussian of the given deviation; the raw values stand faint behind it.';
  apply();
  return section('curves', 'Curves', note, controls,
    el('div', {class: 'grid two' + (DATA.runs.length > 1 ? ' several' : '')}, all.slice(0, 2).map((c) => c.node)),
    el('div', {class: 'grid ' + (all.length > 5 ? 'two' : 'three') + (DATA.runs.length > 1 ? ' several' : '')}, all.slice(2).map((c) => c.node)));
}
