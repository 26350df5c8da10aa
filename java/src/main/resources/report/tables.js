// Exchange, configuration, environment, comparison.

// ---- exchange ------------------------------------------------------------------------------------

/** What a session measured of a movement; null for a run that measured nothing. */
function measured(run, transfer) {
  const log = run.exchange;
  const direction = transfer.direction.toLowerCase();
  return log && log.transfers.find((t) => t.layer === transfer.layer && t.direction === direction && t.plane === transfer.plane
    && t.from === towerName(transfer.from) && t.to === towerName(transfer.to));
}

/** What rank 0 sent to other ranks, or null; moves of one plane over its slices and parts are a row. */
function ranksTable(run) {
  const ranks = run.exchange && run.exchange.ranks;
  if (!ranks) {
    return null;
  }
  const byMove = new Map();
  for (const move of ranks.moves || []) {
    const key = [move.tower, move.layer, move.kind, move.plane].join(' ');
    const sum = byMove.get(key) || {...move, bytes: 0, micros: 0, waitMicros: 0};
    for (const part of ['bytes', 'micros', 'waitMicros']) {
      sum[part] += move[part];
    }
    byMove.set(key, sum);
  }
  const row = (m, name) => [name, m.layer || '', m.kind || '', m.tower || '', grouped(Math.round(m.bytes)), duration2(m.micros),
    m.micros > 0 ? percent(Math.max(0, 1 - m.waitMicros / m.micros)) : '–', duration2(m.waitMicros)];
  const rows = [...byMove.values()].map((m) => row(m, m.plane));
  rows.push(row(ranks, 'all'));
  const devices = run.environment && run.environment.ranks ? ` of ${grouped(run.environment.ranks)}` : '';
  return [el('h3', {}, 'What crosses between ranks'),
    el('p', {}, `What rank 0${devices} sends in a training step, means over ${grouped(run.exchange.steps)} steps: time from begin to end, waiting for other ranks included, how much of it the tower went on meanwhile, and how long it stood still for this move and those begun before it.`),
    table(['Plane', 'for', 'move', 'tower', 'Bytes', 'Time', 'Hidden', 'Waited'], rows, {class: 'exchange', label: 'Ranks', texts: true})];
}

function exchangeSection(run) {
  const {plan} = run;
  if (!plan || !plan.exchange.length) {
    return section('exchange', 'What crosses between towers', null, el('p', {class: 'missing'}, 'One tower: nothing crosses.'), ranksTable(run));
  }
  const most = Math.max(...plan.exchange.map((t) => t.bytes));
  const bytes = (transfer) => el('div', {class: 'way'},
    el('span', {class: 'track'}, el('i', {style: `width:${100 * transfer.bytes / most}%;background:${towerColour(transfer.from)}`})),
    el('span', {class: 'value'}, grouped(transfer.bytes)));
  const rows = plan.exchange.map((transfer) => {
    const time = measured(run, transfer);
    const known = (value, text) => (time ? text(value(time)) : '–');
    return [transfer.plane, transfer.layer, transfer.direction.toLowerCase(), `${towerName(transfer.from)} → ${towerName(transfer.to)}`, bytes(transfer),
      known((t) => t.micros, duration2), known((t) => t.gigabytesPerSecond, (v) => fixed(v, 2)), known((t) => t.hiddenShare, percent), known((t) => t.waitMicros, duration2)];
  });
  const total = plan.exchange.reduce((sum, t) => sum + t.bytes, 0);
  rows.push(['all', '', '', '', el('div', {class: 'way'}, el('span'), el('span', {class: 'value'}, grouped(total))), '', '', '', '']);
  const about = run.exchange ? ` Times are means over ${grouped(run.exchange.steps)} steps on ${run.environment ? run.environment.devices.replace(/[[\]]/g, '') : 'devices unknown'}: from the first byte to the last, at which rate, how much of that the receiving tower was computing meanwhile, and how long it then stood still, the other tower's delay included.${run.environment && run.environment.ranks ? ' What has no time here moved at another rank.' : ''}` : '';
  return section('exchange', 'What crosses between towers',
    `Bytes of a training step with ${grouped(plan.batch)} images: activations forward, their gradients backward. Weights never cross.${about}`,
    table(['Plane', 'for', 'direction', 'way', 'Bytes', 'Time', 'GB/s', 'Hidden', 'Waited'], rows, {class: 'exchange', label: 'Exchange', texts: true}), ranksTable(run));
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
    if (Array.isArray(value) && value.some((v) => v && typeof v === 'object')) {
      // One line for each: a name per field and item would be a page of its own.
      rows.push([prefix, value.map((item) => el('div', {}, Object.entries(item).map(([key, v]) => fact(key, v)).join(' · ')))]);
    } else if (value && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length) {
      Object.entries(value).forEach(([key, v]) => walk(prefix ? `${prefix} ${key}` : key, v));
    } else {
      rows.push([prefix, valueText(value)]);
    }
  };
  walk('', env);
  return section('environment', 'Environment', 'Where, from what and how the run was made.',
    el('dl', {class: 'facts wide'}, rows.map(([name, value]) => [el('dt', {}, words(name)), el('dd', {}, value)])));
}

/** A value as people write it. */
function valueText(value) {
  if (value === null) {
    return 'unknown';
  }
  const text = Array.isArray(value) ? value.join(' ') : String(value && typeof value === 'object' ? '' : value);
  const [, kibibytes] = text.match(/^(\d+) kB$/) || [];
  return kibibytes ? byteSize(1024 * kibibytes) : text.replace(/^(\d{4}-\d\d-\d\d)T([\d:]+)(\.\d+)?Z$/, '$1 $2 UTC') || 'none';
}

function fact(name, value) {
  const bytes = /_?bytes$/i;
  return bytes.test(name) ? `${words(name.replace(bytes, ''))} ${byteSize(Number(value))}` : `${words(name)} ${valueText(value)}`;
}

/** camelCase and snake_case as words. */
function words(name) {
  return name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, (_, a, b) => a + ' ' + b.toLowerCase()).replace(/sha256/i, 'SHA-256').replace(/\bSha/, 'SHA');
}

// ---- several runs --------------------------------------------------------------------------------

function lastOf(values) {
  return values.length ? values[values.length - 1] : NaN;
}

/** A difference to the first run with its interval; strong only if chance does not explain it. */
function differenceText(d) {
  if (!d) {
    return el('span', {class: 'none'}, '–');
  }
  const points = (v) => (v < 0 ? '−' : '+') + fixed(100 * Math.abs(v), 1);
  const text = [el('span', {class: 'apart'}, points(d.difference)), el('span', {class: 'interval'}, `${points(d.low)} to ${points(d.high)}`)];
  return d.low > 0 || d.high < 0 ? el('b', {}, ...text) : el('span', {}, ...text);
}

function runsSection() {
  const body = DATA.runs.map((run, i) => {
    const last = run.history.last || {};
    const compared = DATA.comparisons[i] || {};
    return [
      el('span', {class: 'run-name'}, el('i', {style: `background:${colour(i)}`}), run.name), run.network, grouped(run.history.steps),
      percent(last.top1Error), i === 0 ? '' : differenceText(compared.top1),
      percent(last.top5Error), i === 0 ? '' : differenceText(compared.top5), fixed(last.loss, 4),
      isNumber(last.images) ? grouped(last.images) : '–', fixed(median(run.history.train.imagesPerSecond), 1), duration(run.history.seconds)];
  });
  return section('runs', 'Runs', 'Held-out errors of the last evaluation, and how many percentage points they are from those of the first run, with 95 % intervals '
    + '(Newcombe’s, for this many images; one seed each, so other seeds may differ by more). A difference is bold where its interval leaves out zero.',
    table(['Run', 'Network', 'Steps', 'Top-1 error', 'Difference', 'Top-5 error', 'Difference', 'Loss', 'Images', 'Images/s', 'Time'], body, {label: 'Runs'}));
}

function differencesSection() {
  const rows = DATA.differences.map((d) => [el('code', {}, d.name), ...d.values.map((v) => v || el('span', {class: 'none'}, 'not set'))]);
  const content = rows.length
    ? table(['Setting', ...DATA.runs.map((r) => r.name)], rows, {class: 'differences', label: 'Settings that differ', texts: true})
    : el('p', {class: 'missing'}, 'None: configuration, seed, data and machine are the same.');
  return section('differences', 'Settings that differ', null, content);
}
