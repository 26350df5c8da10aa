// Exchange, configuration, environment, comparison.

// ---- exchange ------------------------------------------------------------------------------------

/** Movements of a step by what moves and for whom; towers beside each other. */
function movements(plan) {
  const rows = new Map();
  for (const t of plan.exchange) {
    const key = [t.direction, t.layer, t.plane].join('|');
    if (!rows.has(key)) {
      rows.set(key, {direction: t.direction, layer: t.layer, plane: t.plane, ways: []});
    }
    rows.get(key).ways.push({from: t.from, to: t.to, bytes: t.bytes});
  }
  return [...rows.values()];
}

function exchangeSection(run) {
  const {plan} = run;
  if (!plan || !plan.exchange.length) {
    return section('exchange', 'What crosses between towers', null, el('p', {class: 'missing'}, 'One tower: nothing crosses.'));
  }
  const times = run.findings ? run.findings.exchange : [];
  const rows = movements(plan);
  const ways = [...new Set(plan.exchange.map((t) => `${t.from}${t.to}`))].sort();
  const most = Math.max(...plan.exchange.map((t) => t.bytes));
  const cell = (row, way) => {
    const found = row.ways.find((w) => `${w.from}${w.to}` === way);
    if (!found) {
      return el('span', {class: 'none'}, '–');
    }
    const time = times.find((t) => t.layer === row.layer && t.to === found.to && t.backward === (row.direction === 'BACKWARD'));
    return el('div', {class: 'way'},
      el('span', {class: 'track'}, el('i', {style: `width:${100 * found.bytes / most}%;background:${towerColour(found.from)}`})),
      el('span', {class: 'value'}, mebibytes(found.bytes)), el('span', {class: 'value time'}, time ? duration2(time.micros) : ''));
  };
  const heads = ['Plane', 'for', 'direction', ...ways.map((w) => `${towerName(+w[0])} → ${towerName(+w[1])}`)];
  const body = rows.map((row) => [row.plane, row.layer, row.direction === 'FORWARD' ? 'forward' : 'backward', ...ways.map((w) => cell(row, w))]);
  const sum = (way) => plan.exchange.filter((t) => `${t.from}${t.to}` === way).reduce((a, t) => a + t.bytes, 0);
  body.push(['all', '', '', ...ways.map((w) => el('div', {class: 'way'}, el('span'), el('span', {class: 'value'}, mebibytes(sum(w)))))]);
  const timed = times.length ? ` Times are what the receiving tower spent at that place, waiting for the other tower included, measured on ${deviceOf(run, 0)} with ${times[0].images} images; bytes are those of a whole batch.` : '';
  return section('exchange', 'What crosses between towers',
    `Bytes of a training step with ${grouped(plan.batch)} images, from the plan: activations forward, their gradients backward. Weights never cross.${timed}`,
    table(heads, body, {class: 'exchange', label: 'Exchange', texts: true}));
}

function duration2(micros) {
  return micros >= 1000 ? plain(Number((micros / 1000).toPrecision(3))) + THIN + 'ms' : plain(Number(micros.toPrecision(2))) + THIN + 'µs';
}

// ---- configuration -------------------------------------------------------------------------------

function networkTable(plan) {
  const total = (key) => plan.layers.reduce((sum, l) => sum + l[key], 0);
  const towers = (n) => Array.from({length: n}, (_, i) => towerName(i)).join(', ');
  const rows = plan.layers.map((l) => [l.name, l.kind, `${l.output.h} × ${l.output.w} × ${l.output.c}`, towers(l.outputTowers),
    l.parameters ? grouped(l.parameters) : '', l.macs ? grouped(l.macs) : '']);
  rows.push(['all', '', '', '', grouped(total('parameters')), grouped(total('macs'))]);
  return table(['Layer', 'Kind', 'Output per tower', 'Towers', 'Parameters', 'Multiply-adds per image'], rows, {class: 'network', label: 'Network'});
}

function configurationSection(run) {
  const settings = Object.entries(run.settings).filter(([name]) => /^(training|augmentation|seed)/.test(name) || /^network\.(towers|input|source|mean)$/.test(name));
  return section('configuration', 'Configuration', null,
    el('div', {class: 'split'},
      run.plan && networkTable(run.plan),
      el('dl', {class: 'facts'}, settings.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))),
    el('details', {}, el('summary', {}, 'config.yaml, as it was resolved'), el('pre', {}, run.configuration)));
}

function environmentSection(run) {
  const env = run.environment;
  if (!env) {
    return section('environment', 'Environment', null, missing('The run folder has no env.json.'));
  }
  const rows = [];
  const walk = (prefix, value) => {
    if (Array.isArray(value) && value.every((v) => typeof v !== 'object')) {
      rows.push([prefix, value.join(' ') || 'none']);
    } else if (value && typeof value === 'object') {
      const entries = Object.entries(value);
      entries.forEach(([key, v]) => walk(prefix ? `${prefix} ${key}` : key, v));
      if (!entries.length) { rows.push([prefix, 'none']); }
    } else {
      rows.push([prefix, value === null ? 'unknown' : value === '' ? 'none' : String(value)]);
    }
  };
  walk('', env);
  return section('environment', 'Environment', 'Where, from what and how the run was made.',
    el('dl', {class: 'facts wide'}, rows.map(([name, value]) => [el('dt', {}, words(name)), el('dd', {}, value)])));
}

/** camelCase and snake_case as words. */
function words(name) {
  return name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, (_, a, b) => a + ' ' + b.toLowerCase()).replace(/sha256/i, 'SHA-256').replace(/\bSha/, 'SHA');
}

// ---- several runs --------------------------------------------------------------------------------

function lastOf(values) {
  return values.length ? values[values.length - 1] : NaN;
}

function bestOf(rows, key) {
  const known = rows.map((r) => r[key]).filter(isNumber);
  return known.length > 1 ? Math.min(...known) : NaN;
}

function runsSection() {
  const rows = DATA.runs.map((run) => ({
    run, loss: lastOf(run.history.test.loss), top1: lastOf(run.history.test.top1Error), top5: lastOf(run.history.test.top5Error),
  }));
  const cell = (row, key, text) => (row[key] === bestOf(rows, key) ? el('b', {}, text) : text);
  const body = rows.map((row, i) => [
    el('span', {class: 'run-name'}, el('i', {style: `background:${colour(i)}`}), row.run.name), row.run.network,
    grouped(row.run.history.steps), cell(row, 'top1', percent(row.top1)), cell(row, 'top5', percent(row.top5)), cell(row, 'loss', fixed(row.loss, 4)),
    fixed(median(row.run.history.train.imagesPerSecond), 1), duration(row.run.history.seconds)]);
  return section('runs', 'Runs', 'Held-out values are those of the last evaluation; the best of each column is bold.',
    table(['Run', 'Network', 'Steps', 'Top-1 error', 'Top-5 error', 'Loss', 'Images/s', 'Time'], body, {label: 'Runs'}));
}

function differencesSection() {
  const rows = DATA.differences.map((d) => [el('code', {}, d.name), ...d.values.map((v) => v || el('span', {class: 'none'}, 'not set'))]);
  const content = rows.length
    ? table(['Setting', ...DATA.runs.map((r) => r.name)], rows, {class: 'differences', label: 'Settings that differ', texts: true})
    : el('p', {class: 'missing'}, 'None: configuration, seed, data and machine are the same.');
  return section('differences', 'Settings that differ', null, content);
}
